-- Metrics of the study: the event each counts and the surfaces it is taken from.
-- grain: metric
-- key: metric_no
-- reads: none
-- params: none
-- not null: metric, event_no, use_pixel, use_server, use_app, use_analytics, use_crm
SELECT
    CAST(NULL AS BIGINT) AS metric_no,
    CAST(NULL AS VARCHAR) AS metric,
    CAST(NULL AS BIGINT) AS event_no,
    CAST(NULL AS BIGINT) AS use_pixel,
    CAST(NULL AS BIGINT) AS use_server,
    CAST(NULL AS BIGINT) AS use_app,
    CAST(NULL AS BIGINT) AS use_analytics,
    CAST(NULL AS BIGINT) AS use_crm
WHERE FALSE

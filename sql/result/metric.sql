-- Metrics of a reported run as the study defines them.
-- grain: run and metric
-- key: run_id, metric_no
-- reads: none
-- params: none
-- not null: metric, label, kind, event, surfaces, is_headline
SELECT
    CAST(NULL AS VARCHAR) AS run_id,
    CAST(NULL AS BIGINT) AS metric_no,
    CAST(NULL AS VARCHAR) AS metric,
    CAST(NULL AS VARCHAR) AS label,
    CAST(NULL AS VARCHAR) AS kind,
    CAST(NULL AS VARCHAR) AS event,
    CAST(NULL AS VARCHAR) AS surfaces,
    CAST(NULL AS BIGINT) AS is_headline
WHERE FALSE

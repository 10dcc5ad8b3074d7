-- Conversions by the set of surfaces that saw them.
-- grain: run, event and set of surfaces
-- key: run_id, event_no, is_pixel, is_server, is_app, is_analytics, is_crm
-- reads: model.conversion
-- params: run_id
-- not null: conversions
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    event_no,
    is_pixel,
    is_server,
    is_app,
    is_analytics,
    is_crm,
    COUNT(*) AS conversions
FROM model.conversion
GROUP BY event_no, is_pixel, is_server, is_app, is_analytics, is_crm

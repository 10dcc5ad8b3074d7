-- How many conversions of a list the other surfaces have too, and how many of its records carry an id to find them by.
-- grain: run, list and event
-- key: run_id, surface_no, platform, event_no
-- reads: model.record, model.conversion_record, model.conversion
-- params: run_id
-- not null: records, with_event_id, with_order_id, with_either, conversions, in_pixel, in_server, in_app, in_analytics, in_crm
--
-- A list is a surface and a platform. records are the usable ones, conversions those that some record of the list tells of.
WITH listed AS (
    SELECT
        r.surface_no, r.platform, m.event_no, m.conversion_id, COUNT(*) AS records,
        COUNT(r.event_id) AS with_event_id,
        COUNT(r.order_id) AS with_order_id,
        COUNT(COALESCE(r.event_id, r.order_id)) AS with_either
    FROM model.conversion_record AS m
    JOIN model.record AS r ON r.record_id = m.record_id
    WHERE r.surface_no < 5
    GROUP BY r.surface_no, r.platform, m.event_no, m.conversion_id
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    l.surface_no,
    l.platform,
    l.event_no,
    CAST(SUM(l.records) AS BIGINT) AS records,
    CAST(SUM(l.with_event_id) AS BIGINT) AS with_event_id,
    CAST(SUM(l.with_order_id) AS BIGINT) AS with_order_id,
    CAST(SUM(l.with_either) AS BIGINT) AS with_either,
    COUNT(*) AS conversions,
    CAST(SUM(c.is_pixel) AS BIGINT) AS in_pixel,
    CAST(SUM(c.is_server) AS BIGINT) AS in_server,
    CAST(SUM(c.is_app) AS BIGINT) AS in_app,
    CAST(SUM(c.is_analytics) AS BIGINT) AS in_analytics,
    CAST(SUM(c.is_crm) AS BIGINT) AS in_crm
FROM listed AS l
JOIN model.conversion AS c ON c.conversion_id = l.conversion_id
GROUP BY l.surface_no, l.platform, l.event_no

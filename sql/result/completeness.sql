-- How many records of a day carry each parameter, by source, surface, platform and event, without test traffic.
-- grain: run, source, surface, platform, event and day
-- key: run_id, source, surface_no, platform, event_no, day_no
-- reads: model.record_hour, ops.source
-- params: run_id
-- not null: records, with_value, with_currency, with_order_id, with_event_id
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    s.source,
    h.surface_no,
    h.platform,
    h.event_no,
    h.day_no,
    CAST(SUM(h.records) AS BIGINT) AS records,
    CAST(SUM(h.with_value) AS BIGINT) AS with_value,
    CAST(SUM(CASE WHEN h.currency = '' THEN 0 ELSE h.records END) AS BIGINT) AS with_currency,
    CAST(SUM(h.with_order_id) AS BIGINT) AS with_order_id,
    CAST(SUM(h.with_event_id) AS BIGINT) AS with_event_id
FROM model.record_hour AS h
JOIN ops.source AS s ON s.source_no = h.source_no
WHERE h.is_test = 0
GROUP BY s.source, h.surface_no, h.platform, h.event_no, h.day_no

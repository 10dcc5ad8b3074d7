-- Test traffic that stands among the records, by source, surface, platform and event.
-- grain: run, source, surface, platform and event
-- key: run_id, source, surface_no, platform, event_no
-- reads: model.record_hour, ops.source
-- params: run_id
-- not null: records, first_us, last_us
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    s.source,
    h.surface_no,
    h.platform,
    h.event_no,
    CAST(SUM(h.records) AS BIGINT) AS records,
    MIN(h.first_us) AS first_us,
    MAX(h.last_us) AS last_us
FROM model.record_hour AS h
JOIN ops.source AS s ON s.source_no = h.source_no
WHERE h.is_test = 1
GROUP BY s.source, h.surface_no, h.platform, h.event_no

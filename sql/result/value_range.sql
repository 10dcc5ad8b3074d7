-- Records whose value lies outside the range of the event dictionary, by source, surface, platform and event.
-- grain: run, source, surface, platform and event with a range
-- key: run_id, source, surface_no, platform, event_no
-- reads: model.record_hour, ops.source, ops.event_range
-- params: run_id
-- not null: records, below, above, least_micros, most_micros
--
-- records: those with a value, of which below and above lie outside; no record is dropped for it. least_micros,
-- most_micros: the range, in the currency of each record.
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    s.source,
    h.surface_no,
    h.platform,
    h.event_no,
    CAST(SUM(h.with_range) AS BIGINT) AS records,
    CAST(SUM(h.below) AS BIGINT) AS below,
    CAST(SUM(h.above) AS BIGINT) AS above,
    MIN(g.least_micros) AS least_micros,
    MIN(g.most_micros) AS most_micros
FROM model.record_hour AS h
JOIN ops.source AS s ON s.source_no = h.source_no
JOIN ops.event_range AS g ON g.event_no = h.event_no
WHERE h.is_test = 0
GROUP BY s.source, h.surface_no, h.platform, h.event_no

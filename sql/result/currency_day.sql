-- Records of a day by the currency they state, by source, surface, platform and event, without test traffic.
-- grain: run, source, surface, platform, event, day and currency
-- key: run_id, source, surface_no, platform, event_no, day_no, currency
-- reads: model.record_hour, ops.source
-- params: run_id
-- not null: records
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    s.source,
    h.surface_no,
    h.platform,
    h.event_no,
    h.day_no,
    h.currency,
    CAST(SUM(h.records) AS BIGINT) AS records
FROM model.record_hour AS h
JOIN ops.source AS s ON s.source_no = h.source_no
WHERE h.is_test = 0
  AND h.currency <> ''
GROUP BY s.source, h.surface_no, h.platform, h.event_no, h.day_no, h.currency

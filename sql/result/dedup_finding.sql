-- Records whose ids are odd, by event and list: those that may be counted twice or be merged wrongly.
-- grain: run, event, list and finding
-- key: run_id, event_no, surface_no, platform, finding_no
-- reads: model.dedup_finding, model.conversion_record, ops.list
-- params: run_id
-- not null: records
--
-- finding_no as in model.dedup_finding.
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    m.event_no,
    l.surface_no,
    COALESCE(l.platform, '') AS platform,
    f.finding_no,
    COUNT(*) AS records
FROM model.dedup_finding AS f
JOIN model.conversion_record AS m ON m.record_id = f.record_id
JOIN ops.list AS l ON l.list_no = m.list_no
GROUP BY m.event_no, l.surface_no, COALESCE(l.platform, ''), f.finding_no

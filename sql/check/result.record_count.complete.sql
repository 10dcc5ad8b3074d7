-- Sources whose categories do not add up to their records.
-- grain: source and surface
-- key: source_no, surface_no
-- reads: model.record, result.record_count, ops.source
-- params: run_id
SELECT r.source_no, r.surface_no
FROM (
    SELECT source_no, surface_no, COUNT(*) AS records
    FROM model.record
    GROUP BY source_no, surface_no
) AS r
JOIN ops.source AS s ON s.source_no = r.source_no
LEFT JOIN (
    SELECT source, surface_no, SUM(records) AS records
    FROM result.record_count
    WHERE run_id = $run_id
    GROUP BY source, surface_no
) AS c ON c.source = s.source AND c.surface_no = r.surface_no
WHERE c.records IS NULL OR c.records <> r.records

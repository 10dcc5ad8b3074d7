-- The first records of each finding about ids, by where they stand in their files.
-- grain: run, event, finding and place
-- key: run_id, event_no, finding_no, sample_no
-- reads: model.dedup_finding, model.record, clean.event, ops.load, ops.source
-- params: run_id
-- not null: source, path, line_no
--
-- At most twenty of each finding of an event, as in result.gap_sample.
WITH odd AS (
    SELECT r.event_no, f.finding_no, r.source_no, r.row_key
    FROM model.dedup_finding AS f
    JOIN model.record AS r ON r.record_id = f.record_id
),
wanted AS (
    SELECT row_key FROM odd GROUP BY row_key
),
file AS (
    SELECT e.row_key, l.path, e.line_no, ROW_NUMBER() OVER (PARTITION BY e.row_key ORDER BY l.path, e.line_no) AS copy_no
    FROM clean.event AS e
    JOIN wanted AS w ON w.row_key = e.row_key
    JOIN ops.load AS l ON l.file_id = e.file_id
),
placed AS (
    SELECT
        o.event_no, o.finding_no, s.source, f.path, f.line_no,
        ROW_NUMBER() OVER (PARTITION BY o.event_no, o.finding_no ORDER BY f.path, f.line_no, o.row_key) AS sample_no
    FROM odd AS o
    JOIN ops.source AS s ON s.source_no = o.source_no
    JOIN file AS f ON f.row_key = o.row_key AND f.copy_no = 1
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    event_no,
    finding_no,
    sample_no,
    source,
    path,
    line_no
FROM placed
WHERE sample_no <= 20

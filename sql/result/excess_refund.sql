-- The first orders of which more was refunded than they were worth, by where they stand in their files.
-- grain: run and place
-- key: run_id, sample_no
-- reads: model.verified, model.record, clean.crm_order, ops.load, ops.source
-- params: run_id
-- not null: event_no, source, path, line_no
--
-- At most twenty, each in its last state. No value and no identifier is shown: who may read the file finds the record there.
WITH excess AS (
    SELECT r.row_key, r.source_no, v.event_no
    FROM model.verified AS v
    JOIN model.record AS r ON r.record_id = v.unit_id
    WHERE v.surface_no = 5 AND v.is_excess = 1
),
line AS (
    SELECT
        x.row_key, x.source_no, x.event_no, l.path, o.line_no,
        ROW_NUMBER() OVER (PARTITION BY x.row_key ORDER BY l.path, o.line_no) AS copy_no
    FROM excess AS x
    JOIN clean.crm_order AS o ON o.row_key = x.row_key
    JOIN ops.load AS l ON l.file_id = o.file_id
),
placed AS (
    SELECT
        s.source, f.event_no, f.path, f.line_no,
        ROW_NUMBER() OVER (ORDER BY s.source, f.path, f.line_no, f.row_key) AS sample_no
    FROM line AS f
    JOIN ops.source AS s ON s.source_no = f.source_no
    WHERE f.copy_no = 1
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    sample_no,
    event_no,
    source,
    path,
    line_no
FROM placed
WHERE sample_no <= 20

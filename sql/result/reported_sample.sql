-- The first records that a platform should not count, or may not have yet, by where they stand in their files.
-- grain: run, list of a platform, event, cause and place
-- key: run_id, list_no, event_no, cause, sample_no
-- reads: model.claimable, model.record, clean.event, clean.crm_order, ops.load, ops.source
-- params: run_id
-- not null: source, path, line_no, day_no
--
-- cause as in model.claimable. At most twenty of each cause of an event. No value and no identifier is shown: who may read
-- the file finds the record there.
WITH apart AS (
    SELECT c.list_no, c.event_no, c.cause, c.day_no, r.source_no, r.row_key
    FROM model.claimable AS c
    JOIN model.record AS r ON r.record_id = c.record_id
    WHERE c.cause > 0 AND c.is_covered = 1
),
wanted AS (
    SELECT row_key FROM apart GROUP BY row_key
),
line AS (
    SELECT e.row_key, e.file_id, e.line_no
    FROM clean.event AS e
    JOIN wanted AS w ON w.row_key = e.row_key
    UNION ALL
    SELECT o.row_key, o.file_id, o.line_no
    FROM clean.crm_order AS o
    JOIN wanted AS w ON w.row_key = o.row_key
),
file AS (
    SELECT n.row_key, l.path, n.line_no, ROW_NUMBER() OVER (PARTITION BY n.row_key ORDER BY l.path, n.line_no) AS copy_no
    FROM line AS n
    JOIN ops.load AS l ON l.file_id = n.file_id
),
placed AS (
    SELECT
        a.list_no, a.event_no, a.cause, a.day_no, o.source, f.path, f.line_no,
        ROW_NUMBER() OVER (PARTITION BY a.list_no, a.event_no, a.cause ORDER BY f.path, f.line_no, a.row_key) AS sample_no
    FROM apart AS a
    JOIN ops.source AS o ON o.source_no = a.source_no
    JOIN file AS f ON f.row_key = a.row_key AND f.copy_no = 1
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    list_no,
    event_no,
    cause,
    sample_no,
    source,
    path,
    line_no,
    day_no
FROM placed
WHERE sample_no <= 20

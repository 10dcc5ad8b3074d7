-- The first records of each cause of a difference, by where they stand in their files.
-- grain: run, pair, cause and place
-- key: run_id, pair_no, cause, sample_no
-- reads: model.reconciled, model.record, clean.event, clean.crm_order, ops.load, ops.source
-- params: run_id
-- not null: list_no, event_no, day_no, source, path, line_no
--
-- At most twenty of each cause. No value and no identifier is shown: who may read the file finds the record there.
WITH placed AS (
    SELECT
        pair_no, list_no, record_id, event_no, day_no, cause,
        ROW_NUMBER() OVER (PARTITION BY pair_no, cause ORDER BY record_id, list_no) AS sample_no
    FROM model.reconciled
    WHERE cause > 0
),
chosen AS (
    SELECT p.pair_no, p.list_no, p.event_no, p.day_no, p.cause, p.sample_no, r.source_no, r.row_key
    FROM placed AS p
    JOIN model.record AS r ON r.record_id = p.record_id
    WHERE p.sample_no <= 20
),
wanted AS (
    SELECT row_key FROM chosen GROUP BY row_key
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
    SELECT row_key, file_id, line_no, ROW_NUMBER() OVER (PARTITION BY row_key ORDER BY file_id, line_no) AS copy_no
    FROM line
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    s.pair_no,
    s.cause,
    s.sample_no,
    s.list_no,
    s.event_no,
    s.day_no,
    o.source,
    l.path,
    f.line_no
FROM chosen AS s
JOIN ops.source AS o ON o.source_no = s.source_no
JOIN file AS f ON f.row_key = s.row_key AND f.copy_no = 1
JOIN ops.load AS l ON l.file_id = f.file_id

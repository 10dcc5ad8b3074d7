-- Rows of the inputs that the load refused, by source, column and rule, with the first place of each.
-- grain: run, source, column and rule
-- key: run_id, source, column_name, rule
-- reads: ops.quarantine, ops.load
-- params: run_id
-- not null: rows_refused, path, line_no
--
-- A row that breaks two rules counts under both. Rows of erased persons broke none and are left out.
WITH placed AS (
    SELECT
        q.source, q.column_name, q.rule, l.path, q.line_no,
        ROW_NUMBER() OVER (PARTITION BY q.source, q.column_name, q.rule ORDER BY l.path, q.line_no, q.ordinal) AS place
    FROM ops.quarantine AS q
    JOIN ops.load AS l ON l.file_id = q.file_id
    WHERE q.rule <> 'erased person'
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    source,
    column_name,
    rule,
    COUNT(*) AS rows_refused,
    MAX(CASE WHEN place = 1 THEN path END) AS path,
    MAX(CASE WHEN place = 1 THEN line_no END) AS line_no
FROM placed
GROUP BY source, column_name, rule

-- The first records whose value lies outside the range of their event, by where they stand in their files.
-- grain: run, source, surface, platform, event and place
-- key: run_id, source, surface_no, platform, event_no, sample_no
-- reads: model.record, clean.event, clean.crm_order, ops.report_day, ops.event_range, ops.load, ops.source
-- params: run_id
-- not null: path, line_no
--
-- At most twenty of each. No value is shown: who may read the file finds it there.
WITH outside AS (
    SELECT r.source_no, r.surface_no, COALESCE(r.platform, '') AS platform, r.event_no, r.row_key
    FROM model.record AS r
    JOIN ops.report_day AS d ON d.quarter_us = r.occurred_us - MOD(r.occurred_us, 900000000)
    JOIN ops.event_range AS g ON g.event_no = r.event_no
    WHERE r.category NOT IN (1, 5, 7, 8)
      AND (r.stated_micros < g.least_micros OR r.stated_micros > g.most_micros)
),
wanted AS (
    SELECT row_key FROM outside GROUP BY row_key
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
    SELECT n.row_key, l.source, l.path, n.line_no, ROW_NUMBER() OVER (PARTITION BY n.row_key, l.source ORDER BY l.path, n.line_no) AS copy_no
    FROM line AS n
    JOIN ops.load AS l ON l.file_id = n.file_id
),
placed AS (
    SELECT
        s.source, o.surface_no, o.platform, o.event_no, f.path, f.line_no,
        ROW_NUMBER() OVER (PARTITION BY s.source, o.surface_no, o.platform, o.event_no ORDER BY f.path, f.line_no, o.row_key) AS sample_no
    FROM outside AS o
    JOIN ops.source AS s ON s.source_no = o.source_no
    JOIN file AS f ON f.row_key = o.row_key AND f.source = s.source AND f.copy_no = 1
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    source,
    surface_no,
    platform,
    event_no,
    sample_no,
    path,
    line_no
FROM placed
WHERE sample_no <= 20

-- Records of test traffic that something is wrong with, by finding and list, and where the first of them stand.
-- grain: run, finding, event, list and place
-- key: run_id, finding_no, event_no, surface_no, platform, sample_no
-- reads: model.test_finding, model.record, clean.event, clean.crm_order, ops.load
-- params: run_id
-- not null: records, path, line_no
--
-- finding_no as in model.test_finding; records: all of the finding, event and list, of which at most twenty are here.
WITH found AS (
    SELECT
        f.finding_no, r.event_no, r.surface_no, COALESCE(r.platform, '') AS platform, r.row_key,
        COUNT(*) OVER (PARTITION BY f.finding_no, r.event_no, r.surface_no, COALESCE(r.platform, '')) AS records
    FROM model.test_finding AS f
    JOIN model.record AS r ON r.record_id = f.record_id
),
wanted AS (
    SELECT row_key FROM found GROUP BY row_key
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
        o.finding_no, o.event_no, o.surface_no, o.platform, o.records, f.path, f.line_no,
        ROW_NUMBER() OVER (
            PARTITION BY o.finding_no, o.event_no, o.surface_no, o.platform ORDER BY f.path, f.line_no, o.row_key
        ) AS sample_no
    FROM found AS o
    JOIN file AS f ON f.row_key = o.row_key AND f.copy_no = 1
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    finding_no,
    event_no,
    surface_no,
    platform,
    sample_no,
    records,
    path,
    line_no
FROM placed
WHERE sample_no <= 20

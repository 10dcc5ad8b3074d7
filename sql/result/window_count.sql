-- Conversions and value that last touch attributes, for every attribution window and match window of the grid.
-- grain: run, attribution window and match window
-- key: run_id, attribution_us, match_us
-- reads: ops.attribution_window, ops.match_grid, model.last_touch
-- params: run_id
-- not null: attributed, value_micros
--
-- Each conversion falls into the smallest attribution window and the smallest match window that hold it; only
-- then are the few sums added up over the wider windows. A grid has at most eight windows a side, and one match
-- window more: the study's widest.
WITH attribution_bound AS (
    SELECT
        MAX(CASE WHEN window_no = 1 THEN window_us END) AS w1,
        MAX(CASE WHEN window_no = 2 THEN window_us END) AS w2,
        MAX(CASE WHEN window_no = 3 THEN window_us END) AS w3,
        MAX(CASE WHEN window_no = 4 THEN window_us END) AS w4,
        MAX(CASE WHEN window_no = 5 THEN window_us END) AS w5,
        MAX(CASE WHEN window_no = 6 THEN window_us END) AS w6,
        MAX(CASE WHEN window_no = 7 THEN window_us END) AS w7,
        MAX(CASE WHEN window_no = 8 THEN window_us END) AS w8
    FROM ops.attribution_window
),
match_bound AS (
    SELECT
        MAX(CASE WHEN window_no = 1 THEN window_us END) AS m1,
        MAX(CASE WHEN window_no = 2 THEN window_us END) AS m2,
        MAX(CASE WHEN window_no = 3 THEN window_us END) AS m3,
        MAX(CASE WHEN window_no = 4 THEN window_us END) AS m4,
        MAX(CASE WHEN window_no = 5 THEN window_us END) AS m5,
        MAX(CASE WHEN window_no = 6 THEN window_us END) AS m6,
        MAX(CASE WHEN window_no = 7 THEN window_us END) AS m7,
        MAX(CASE WHEN window_no = 8 THEN window_us END) AS m8,
        MAX(CASE WHEN window_no = 9 THEN window_us END) AS m9
    FROM ops.match_grid
),
placed AS (
    SELECT
        CASE
            WHEN t.packed < (a.w1 + 1) * 65536 THEN 1
            WHEN t.packed < (a.w2 + 1) * 65536 THEN 2
            WHEN t.packed < (a.w3 + 1) * 65536 THEN 3
            WHEN t.packed < (a.w4 + 1) * 65536 THEN 4
            WHEN t.packed < (a.w5 + 1) * 65536 THEN 5
            WHEN t.packed < (a.w6 + 1) * 65536 THEN 6
            WHEN t.packed < (a.w7 + 1) * 65536 THEN 7
            WHEN t.packed < (a.w8 + 1) * 65536 THEN 8
        END AS attribution_no,
        CASE
            WHEN t.gap_us <= g.m1 THEN 1
            WHEN t.gap_us <= g.m2 THEN 2
            WHEN t.gap_us <= g.m3 THEN 3
            WHEN t.gap_us <= g.m4 THEN 4
            WHEN t.gap_us <= g.m5 THEN 5
            WHEN t.gap_us <= g.m6 THEN 6
            WHEN t.gap_us <= g.m7 THEN 7
            WHEN t.gap_us <= g.m8 THEN 8
            WHEN t.gap_us <= g.m9 THEN 9
        END AS match_no,
        t.value_micros
    FROM model.last_touch AS t
    CROSS JOIN attribution_bound AS a
    CROSS JOIN match_bound AS g
),
summed AS (
    SELECT
        attribution_no,
        match_no,
        COUNT(*) AS attributed,
        SUM(value_micros) AS value_micros
    FROM placed
    GROUP BY attribution_no, match_no
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    a.window_us AS attribution_us,
    g.window_us AS match_us,
    MIN(a.label) AS attribution_window,
    MIN(g.label) AS match_window,
    CAST(COALESCE(SUM(s.attributed), 0) AS BIGINT) AS attributed,
    CAST(COALESCE(SUM(s.value_micros), 0) AS BIGINT) AS value_micros
FROM ops.attribution_window AS a
CROSS JOIN ops.match_grid AS g
LEFT JOIN summed AS s ON s.attribution_no <= a.window_no AND s.match_no <= g.window_no
GROUP BY a.window_us, g.window_us

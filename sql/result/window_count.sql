-- Conversions and value that last touch attributes, for every attribution window and match window of the grid.
-- grain: run, attribution window and match window
-- key: run_id, attribution_us, match_us
-- reads: ops.attribution_window, ops.match_grid, model.last_touch, model.conversion, model.match
-- params: run_id
-- not null: attributed, value_micros
WITH touched AS (
    SELECT t.packed, m.gap_us, COALESCE(c.value_micros, 0) AS value_micros
    FROM model.last_touch AS t
    JOIN model.conversion AS c ON c.conversion_id = t.conversion_id
    JOIN model.match AS m ON m.conversion_id = t.conversion_id
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    a.window_us AS attribution_us,
    g.window_us AS match_us,
    MIN(a.label) AS attribution_window,
    MIN(g.label) AS match_window,
    COUNT(t.packed) AS attributed,
    CAST(COALESCE(SUM(t.value_micros), 0) AS BIGINT) AS value_micros
FROM ops.attribution_window AS a
CROSS JOIN ops.match_grid AS g
LEFT JOIN touched AS t ON t.packed < (a.window_us + 1) * 65536 AND t.gap_us <= g.window_us
GROUP BY a.window_us, g.window_us

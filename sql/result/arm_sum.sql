-- Sums from which every lift is computed: units, converters, conversions, value and squared value of each arm and metric.
-- grain: run, arm and metric
-- key: run_id, arm_no, metric_no
-- reads: ops.arm, ops.metric, model.unit, model.outcome
-- params: run_id
-- not null: arm, metric, units, converters, conversions, sum_micros, sum_squared_micros
--
-- A household without a conversion adds a zero, so its only trace is in units.
WITH sized AS (
    SELECT arm_no, COUNT(*) AS units
    FROM model.unit
    GROUP BY arm_no
),
summed AS (
    SELECT
        arm_no,
        metric_no,
        COUNT(*) AS converters,
        SUM(conversions) AS conversions,
        SUM(CAST(value_micros AS DECIMAL(19, 0))) AS sum_micros,
        SUM(CAST(value_micros AS DECIMAL(19, 0)) * CAST(value_micros AS DECIMAL(19, 0))) AS sum_squared_micros
    FROM model.outcome
    GROUP BY arm_no, metric_no
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    a.arm_no,
    m.metric_no,
    a.arm,
    m.metric,
    COALESCE(n.units, 0) AS units,
    COALESCE(s.converters, 0) AS converters,
    CAST(COALESCE(s.conversions, 0) AS BIGINT) AS conversions,
    CAST(COALESCE(s.sum_micros, 0) AS BIGINT) AS sum_micros,
    CAST(COALESCE(s.sum_squared_micros, 0) AS DECIMAL(38, 0)) AS sum_squared_micros
FROM ops.arm AS a
CROSS JOIN ops.metric AS m
LEFT JOIN sized AS n ON n.arm_no = a.arm_no
LEFT JOIN summed AS s ON s.arm_no = a.arm_no AND s.metric_no = m.metric_no

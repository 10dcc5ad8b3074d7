-- Size and exposure of every arm of the study.
-- grain: run and arm
-- key: run_id, arm_no
-- reads: ops.arm, model.unit, model.touch
-- params: run_id
-- not null: arm, label, is_holdout, design_share, units, exposed_units, ghost_units
WITH seen AS (
    SELECT household_id, MAX(is_delivered) AS is_exposed, MAX(1 - is_delivered) AS is_ghost
    FROM model.touch
    GROUP BY household_id
),
counted AS (
    SELECT
        u.arm_no,
        COUNT(*) AS units,
        SUM(COALESCE(s.is_exposed, 0)) AS exposed_units,
        SUM(COALESCE(s.is_ghost, 0)) AS ghost_units
    FROM model.unit AS u
    LEFT JOIN seen AS s ON s.household_id = u.household_id
    GROUP BY u.arm_no
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    a.arm_no,
    a.arm,
    a.label,
    a.is_holdout,
    a.design_share,
    COALESCE(c.units, 0) AS units,
    CAST(COALESCE(c.exposed_units, 0) AS BIGINT) AS exposed_units,
    CAST(COALESCE(c.ghost_units, 0) AS BIGINT) AS ghost_units
FROM ops.arm AS a
LEFT JOIN counted AS c ON c.arm_no = a.arm_no

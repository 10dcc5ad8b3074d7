-- Records by what their person said of measurement and of personalisation, by arm: what was denied is counted here and nowhere else.
-- grain: run, arm, surface, purpose and state
-- key: run_id, arm_no, surface_no, purpose, state
-- reads: model.record, model.record_match, model.unit
-- params: run_id, outcome_us
-- not null: records
--
-- arm_no 0: of no unit, or not inside the outcome window of its unit. The others are what their arm's outcomes are made
-- of, before and after consent. Test traffic is left out; the states of each purpose add up to all other records.
WITH placed AS (
    SELECT
        CASE
            WHEN r.occurred_us > u.assigned_us AND r.occurred_us - u.assigned_us <= $outcome_us THEN u.arm_no
            ELSE 0
        END AS arm_no,
        r.surface_no,
        r.consent_measurement,
        r.consent_personalisation
    FROM model.record AS r
    LEFT JOIN model.record_match AS x ON x.record_id = r.record_id
    LEFT JOIN model.unit AS u ON u.household_id = x.household_id
    WHERE r.category <> 1
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    arm_no,
    surface_no,
    purpose,
    state,
    COUNT(*) AS records
FROM (
    SELECT arm_no, surface_no, 'measurement' AS purpose, consent_measurement AS state FROM placed
    UNION ALL
    SELECT arm_no, surface_no, 'personalisation' AS purpose, consent_personalisation AS state FROM placed
) AS stated
GROUP BY arm_no, surface_no, purpose, state

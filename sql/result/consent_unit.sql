-- Units with a record inside their outcome window, by the strictest word on measurement that one of those records carries.
-- grain: run, arm and state
-- key: run_id, arm_no, state
-- reads: model.record, model.record_match, model.unit
-- params: run_id, outcome_us
-- not null: units
--
-- Consent is compared between arms by unit, which is what was randomized: the records of one unit are not independent.
-- Strictest first: denied, granted, unknown.
WITH spoken AS (
    SELECT
        u.arm_no,
        u.household_id,
        MAX(CASE r.consent_measurement WHEN 'denied' THEN 2 WHEN 'granted' THEN 1 ELSE 0 END) AS strictest
    FROM model.unit AS u
    JOIN model.record_match AS x ON x.household_id = u.household_id
    JOIN model.record AS r ON r.record_id = x.record_id
    WHERE r.occurred_us > u.assigned_us
      AND r.occurred_us - u.assigned_us <= $outcome_us
    GROUP BY u.arm_no, u.household_id
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    arm_no,
    state,
    COUNT(*) AS units
FROM (
    SELECT arm_no, CASE strictest WHEN 2 THEN 'denied' WHEN 1 THEN 'granted' ELSE 'unknown' END AS state
    FROM spoken
) AS named
GROUP BY arm_no, state

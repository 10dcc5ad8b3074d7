-- How many households of each arm a creative was delivered to: what tells a randomized creative from one that the delivery chose.
-- grain: run, creative and arm
-- key: run_id, creative_id, arm_no
-- reads: model.touch, model.unit
-- params: run_id
-- not null: units
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    creative_id,
    arm_no,
    COUNT(*) AS units
FROM (
    SELECT t.creative_id, u.arm_no, t.household_id
    FROM model.touch AS t
    JOIN model.unit AS u ON u.household_id = t.household_id
    WHERE t.is_delivered = 1
    GROUP BY t.creative_id, u.arm_no, t.household_id
) AS reached
GROUP BY creative_id, arm_no

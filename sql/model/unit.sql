-- Households that were assigned in the study's period to one arm and to no other.
-- grain: assigned household
-- key: household_id
-- reads: clean.assignment, model.household, ops.arm
-- params: as_of_us, assignment_source, from_us, until_us
-- not null: arm_no, assigned_us
SELECT
    h.household_id,
    MIN(r.arm_no) AS arm_no,
    MIN(a.assigned_us) AS assigned_us
FROM clean.assignment AS a
JOIN ops.arm AS r ON r.arm = a.arm
JOIN model.household AS h ON h.household_key = a.household_key
WHERE a.source = $assignment_source
  AND a.received_us <= $as_of_us
  AND a.assigned_us >= $from_us
  AND a.assigned_us < $until_us
GROUP BY h.household_id
HAVING MIN(r.arm_no) = MAX(r.arm_no)

-- Random assignments of households to arms as the assigning system logged them.
-- grain: distinct assignment record of a file
-- key: file_id, row_key
-- reads: stage_assignment
-- params: source, file_id
-- not null: source, household_key, arm, assigned_at, assigned_us, received_us
SELECT
    CAST($source AS VARCHAR) AS source,
    household_key,
    arm,
    stratum,
    make_timestamp(assigned_us) AS assigned_at,
    assigned_us,
    received_us,
    row_key,
    CAST($file_id AS BIGINT) AS file_id,
    line_no
FROM stage_assignment
WHERE problem IS NULL

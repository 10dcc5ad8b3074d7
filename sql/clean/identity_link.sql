-- Evidence that an identifier belongs to a household, with the time it was first and last seen.
-- grain: distinct link record of a file
-- key: file_id, row_key
-- reads: stage_identity_link
-- params: source, file_id
-- not null: source, id_type, id_key, household_key, first_seen_us, last_seen_at, last_seen_us, received_us
SELECT
    CAST($source AS VARCHAR) AS source,
    id_type,
    id_key,
    household_key,
    first_seen_us,
    make_timestamp(last_seen_us) AS last_seen_at,
    last_seen_us,
    received_us,
    row_key,
    CAST($file_id AS BIGINT) AS file_id,
    line_no
FROM stage_identity_link
WHERE problem IS NULL

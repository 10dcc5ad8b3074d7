-- Delivered and ghost ad impressions as they were logged, one file after another.
-- grain: row of an exposure log
-- key: file_id, line_no
-- reads: stage_exposure
-- params: source, file_id
-- not null: source, household_key, exposed_at, exposed_us, received_us, campaign, creative, kind
SELECT
    CAST($source AS VARCHAR) AS source,
    exposure_id,
    household_key,
    make_timestamp(exposed_us) AS exposed_at,
    exposed_us,
    received_us,
    campaign,
    creative,
    kind,
    CAST($file_id AS BIGINT) AS file_id,
    line_no
FROM stage_exposure
WHERE problem IS NULL

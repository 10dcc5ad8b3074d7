-- Delivered and ghost ad impressions, and how far they were watched, as they were logged, one file after another.
-- grain: row of an exposure log
-- key: file_id, line_no
-- reads: stage_exposure
-- params: file_id
-- not null: exposed_us, received_us, serving_no, is_invalid
-- uncompressed: exposure_id, household_key, device_key, ip_key, customer_key
--
-- What was shown, and whether to anybody, is in clean.serving by file_id and serving_no.
SELECT
    exposure_id,
    household_key,
    exposed_us,
    received_us,
    serving_no,
    quartile,
    cost_micros,
    is_invalid,
    device_key,
    ip_key,
    customer_key,
    CAST($file_id AS BIGINT) AS file_id,
    line_no
FROM stage_exposure
WHERE problem IS NULL

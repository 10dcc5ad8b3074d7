-- Delivered and ghost ad impressions, and how far they were watched, as they were logged, one file after another.
-- grain: row of an exposure log
-- key: file_id, line_no
-- reads: stage_exposure
-- params: source, file_id
-- not null: source, exposed_at, exposed_us, received_us, campaign, creative, kind, is_invalid
-- uncompressed: exposure_id, household_key, device_key, ip_key, customer_key, line_item, currency
--
-- kind: delivered, ghost (would have been served to the holdout) or progress (a delivered one reached its quartile).
SELECT
    CAST($source AS VARCHAR) AS source,
    exposure_id,
    household_key,
    make_timestamp(exposed_us) AS exposed_at,
    exposed_us,
    received_us,
    campaign,
    creative,
    line_item,
    kind,
    quartile,
    cost_micros,
    currency,
    is_invalid,
    device_key,
    ip_key,
    customer_key,
    CAST($file_id AS BIGINT) AS file_id,
    line_no
FROM stage_exposure
WHERE problem IS NULL

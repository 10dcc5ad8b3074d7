-- Conversions as platforms' dashboards report them, in the windows that they state, one file after another.
-- grain: distinct report row of a file
-- key: file_id, row_key
-- reads: stage_platform_report
-- params: source, file_id
-- not null: source, day, platform, campaign, creative, conversions_micros, received_us
--
-- Some platforms report parts of a conversion, so the count is in millionths.
SELECT
    CAST($source AS VARCHAR) AS source,
    day,
    platform,
    campaign,
    creative,
    event_name,
    attribution_window,
    conversions_micros,
    value_micros,
    currency,
    received_us,
    row_key,
    CAST($file_id AS BIGINT) AS file_id,
    line_no
FROM stage_platform_report
WHERE problem IS NULL

-- Conversions as platforms' dashboards report them, in the windows that they state, one file after another.
-- grain: row of a report file
-- key: file_id, line_no
-- reads: stage_platform_report
-- params: source, file_id
-- not null: source, day, platform, campaign, creative, conversions_micros, received_us
--
-- Some platforms report parts of a conversion, so the count is in millionths. Rows that are
-- equal in all of these columns may differ in one that is not among them, such as the placement, and are two.
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

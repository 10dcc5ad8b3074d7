-- Media cost by day, campaign, creative and line item as the buying platform stated it.
-- grain: row of a spend file
-- key: file_id, line_no
-- reads: stage_spend
-- params: source, file_id
-- not null: source, day, campaign, creative, spend_micros, currency, received_us
--
-- Two equal rows of one file are two costs, such as two placements that cost the same.
SELECT
    CAST($source AS VARCHAR) AS source,
    day,
    campaign,
    creative,
    line_item,
    spend_micros,
    currency,
    received_us,
    row_key,
    CAST($file_id AS BIGINT) AS file_id,
    line_no
FROM stage_spend
WHERE problem IS NULL

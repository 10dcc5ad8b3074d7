-- Media cost by day, campaign and creative as the buying platform stated it.
-- grain: distinct spend record of a file
-- key: file_id, row_key
-- reads: stage_spend
-- params: source, file_id
-- not null: source, day, campaign, creative, spend_micros, currency, received_us
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
FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY row_key ORDER BY line_no) AS repeat_no
    FROM stage_spend
    WHERE problem IS NULL
)
WHERE repeat_no = 1

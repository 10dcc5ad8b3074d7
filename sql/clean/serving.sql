-- What exposure logs show, each combination once: campaign, creative, line item, how it was served, and the currency of its cost.
-- grain: serving that a file names
-- key: file_id, serving_no
-- reads: stage_serving
-- params: file_id
-- not null: campaign, creative, kind
--
-- kind: delivered, ghost (would have been served to the holdout) or progress (a delivered one reached its quartile).
-- Exposures name theirs by number, because many millions of them share a few. A file with very many combinations may
-- name one twice.
SELECT
    serving_no,
    campaign,
    creative,
    line_item,
    kind,
    currency,
    CAST($file_id AS BIGINT) AS file_id
FROM stage_serving
WHERE problem IS NULL

-- Number of every creative that the study's campaigns delivered, held out or paid for in its period.
-- grain: campaign and creative
-- key: creative_id
-- reads: clean.exposure, clean.serving, clean.spend, ops.campaign
-- params: as_of_us, from_us, until_us, from_day, until_day, all_campaigns
-- not null: campaign, creative
SELECT
    ROW_NUMBER() OVER (ORDER BY campaign, creative) AS creative_id,
    campaign,
    creative
FROM (
    SELECT s.campaign, s.creative
    FROM (
        SELECT DISTINCT file_id, serving_no
        FROM clean.exposure
        WHERE received_us <= $as_of_us AND exposed_us >= $from_us AND exposed_us < $until_us
    ) AS e
    JOIN clean.serving AS s ON s.file_id = e.file_id AND s.serving_no = e.serving_no
    UNION
    SELECT campaign, creative
    FROM clean.spend
    WHERE received_us <= $as_of_us AND day >= CAST($from_day AS DATE) AND day < CAST($until_day AS DATE)
) AS named
WHERE $all_campaigns = 1 OR EXISTS (SELECT 1 FROM ops.campaign AS o WHERE o.campaign = named.campaign)

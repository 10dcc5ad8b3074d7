-- Number of every creative that was delivered or paid for.
-- grain: campaign and creative
-- key: creative_id
-- reads: clean.exposure, clean.spend
-- params: as_of_us
-- not null: campaign, creative
SELECT
    ROW_NUMBER() OVER (ORDER BY campaign, creative) AS creative_id,
    campaign,
    creative
FROM (
    SELECT campaign, creative FROM clean.exposure WHERE received_us <= $as_of_us
    UNION
    SELECT campaign, creative FROM clean.spend WHERE received_us <= $as_of_us
) AS named

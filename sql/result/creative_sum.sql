-- Impressions, reach, attributed conversions and spend of every creative in the study's period.
-- grain: run and creative
-- key: run_id, creative_id
-- reads: model.creative, model.touch, model.last_touch, clean.spend
-- params: run_id, primary_us, as_of_us, currency, from_day, until_day
-- not null: campaign, creative, impressions, reach, ghost_impressions, attributed, converters, value_micros, spend_micros
--
-- The rows of one file add up. A day's spend of a line item that another file of the source states again counts as it
-- was stated last, and of two statements received at one time the larger. converters are the households behind the attributed conversions.
WITH household AS (
    SELECT
        creative_id,
        household_id,
        SUM(impressions * is_delivered) AS impressions,
        SUM(impressions * (1 - is_delivered)) AS ghost_impressions
    FROM model.touch
    GROUP BY creative_id, household_id
),
delivered AS (
    SELECT
        creative_id,
        SUM(impressions) AS impressions,
        SUM(ghost_impressions) AS ghost_impressions,
        SUM(CASE WHEN impressions > 0 THEN 1 ELSE 0 END) AS reach
    FROM household
    GROUP BY creative_id
),
credited AS (
    SELECT
        MOD(packed, 65536) AS creative_id,
        household_id,
        COUNT(*) AS attributed,
        SUM(value_micros) AS value_micros
    FROM model.last_touch
    WHERE packed < (CAST($primary_us AS BIGINT) + 1) * 65536
    GROUP BY MOD(packed, 65536), household_id
),
attributed AS (
    SELECT
        creative_id,
        SUM(attributed) AS attributed,
        COUNT(*) AS converters,
        SUM(value_micros) AS value_micros
    FROM credited
    GROUP BY creative_id
),
filed AS (
    SELECT
        source,
        file_id,
        day,
        campaign,
        creative,
        COALESCE(line_item, '') AS line_item,
        MAX(received_us) AS received_us,
        SUM(spend_micros) AS spend_micros
    FROM clean.spend
    WHERE received_us <= $as_of_us
      AND currency = $currency
      AND day >= CAST($from_day AS DATE)
      AND day < CAST($until_day AS DATE)
    GROUP BY source, file_id, day, campaign, creative, COALESCE(line_item, '')
),
stated AS (
    SELECT
        campaign,
        creative,
        spend_micros,
        ROW_NUMBER() OVER (
            PARTITION BY source, day, campaign, creative, line_item
            ORDER BY received_us DESC, spend_micros DESC, file_id
        ) AS statement_no
    FROM filed
),
spent AS (
    SELECT campaign, creative, SUM(spend_micros) AS spend_micros
    FROM stated
    WHERE statement_no = 1
    GROUP BY campaign, creative
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    c.creative_id,
    c.campaign,
    c.creative,
    CAST(COALESCE(d.impressions, 0) AS BIGINT) AS impressions,
    CAST(COALESCE(d.reach, 0) AS BIGINT) AS reach,
    CAST(COALESCE(d.ghost_impressions, 0) AS BIGINT) AS ghost_impressions,
    CAST(COALESCE(a.attributed, 0) AS BIGINT) AS attributed,
    COALESCE(a.converters, 0) AS converters,
    CAST(COALESCE(a.value_micros, 0) AS BIGINT) AS value_micros,
    CAST(COALESCE(s.spend_micros, 0) AS BIGINT) AS spend_micros
FROM model.creative AS c
LEFT JOIN delivered AS d ON d.creative_id = c.creative_id
LEFT JOIN attributed AS a ON a.creative_id = c.creative_id
LEFT JOIN spent AS s ON s.campaign = c.campaign AND s.creative = c.creative

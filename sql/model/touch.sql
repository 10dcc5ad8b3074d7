-- Exposures of the study's period as attribution scans them: narrow, without repeats, sorted by household and time.
-- grain: household, microsecond, creative and kind
-- key: household_id, exposed_us, creative_id, is_delivered
-- reads: clean.exposure, clean.serving, model.household, model.exposed_household, model.creative
-- params: as_of_us, from_us, until_us
-- not null: impressions, next_us
--
-- next_us is when the household's following touch of the same is_delivered came, 2^63 - 1 when none did: a conversion
-- in (exposed_us, next_us] has this touch as its last. At one microsecond the smallest creative number is last.
WITH served AS (
    SELECT
        s.file_id, s.serving_no, c.creative_id,
        CASE WHEN s.kind = 'delivered' THEN 1 ELSE 0 END AS is_delivered
    FROM clean.serving AS s
    JOIN model.creative AS c ON c.campaign = s.campaign AND c.creative = s.creative
    WHERE s.kind <> 'progress'
)
SELECT
    household_id,
    exposed_us,
    creative_id,
    is_delivered,
    COUNT(DISTINCT exposure_id) + MAX(CASE WHEN exposure_id IS NULL THEN 1 ELSE 0 END) AS impressions,
    LEAD(exposed_us, 1, CAST(9223372036854775807 AS BIGINT)) OVER (
        PARTITION BY household_id, is_delivered ORDER BY exposed_us, creative_id DESC
    ) AS next_us
FROM (
    SELECT
        h.household_id,
        e.exposed_us,
        s.creative_id,
        s.is_delivered,
        e.exposure_id
    FROM clean.exposure AS e
    JOIN model.household AS h ON h.household_key = e.household_key
    JOIN served AS s ON s.file_id = e.file_id AND s.serving_no = e.serving_no
    WHERE e.received_us <= $as_of_us
      AND e.exposed_us >= $from_us
      AND e.exposed_us < $until_us
      AND NOT e.is_invalid
    UNION ALL
    SELECT
        m.household_id,
        e.exposed_us,
        s.creative_id,
        s.is_delivered,
        e.exposure_id
    FROM model.exposed_household AS m
    JOIN clean.exposure AS e ON e.file_id = m.file_id AND e.line_no = m.line_no
    JOIN served AS s ON s.file_id = e.file_id AND s.serving_no = e.serving_no
    WHERE NOT e.is_invalid
) AS impression
GROUP BY household_id, exposed_us, creative_id, is_delivered
ORDER BY household_id, exposed_us, creative_id, is_delivered

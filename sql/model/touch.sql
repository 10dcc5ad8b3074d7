-- Exposures of the study's period as attribution scans them: narrow, without repeats, sorted by household and time.
-- grain: household, microsecond, creative and kind
-- key: household_id, exposed_us, creative_id, is_delivered
-- reads: clean.exposure, model.household, model.creative
-- params: as_of_us, from_us, until_us
-- not null: impressions
SELECT
    household_id,
    exposed_us,
    creative_id,
    is_delivered,
    COUNT(*) AS impressions
FROM (
    SELECT DISTINCT
        h.household_id,
        e.exposed_us,
        c.creative_id,
        CASE WHEN e.kind = 'delivered' THEN 1 ELSE 0 END AS is_delivered,
        e.exposure_id
    FROM clean.exposure AS e
    JOIN model.household AS h ON h.household_key = e.household_key
    JOIN model.creative AS c ON c.campaign = e.campaign AND c.creative = e.creative
    WHERE e.received_us <= $as_of_us
      AND e.exposed_us >= $from_us
      AND e.exposed_us < $until_us
) AS impression
GROUP BY household_id, exposed_us, creative_id, is_delivered
ORDER BY household_id, exposed_us, creative_id, is_delivered

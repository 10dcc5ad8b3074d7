-- The household of every exposure that names none, by its device, its customer or its address inside the match windows.
-- grain: matched exposure that names no household
-- key: file_id, line_no
-- reads: clean.exposure, model.link, ops.match_window
-- params: as_of_us, from_us, until_us
-- not null: household_id
--
-- As conversions are matched: link types in the order of their rank, and one that leads to two households is shared
-- and passed over.
WITH carried AS (
    SELECT file_id, line_no, exposed_us, 'device' AS link_type, device_key AS id_key
    FROM clean.exposure
    WHERE household_key IS NULL AND device_key IS NOT NULL
      AND received_us <= $as_of_us AND exposed_us >= $from_us AND exposed_us < $until_us
    UNION ALL
    SELECT file_id, line_no, exposed_us, 'customer' AS link_type, customer_key AS id_key
    FROM clean.exposure
    WHERE household_key IS NULL AND customer_key IS NOT NULL
      AND received_us <= $as_of_us AND exposed_us >= $from_us AND exposed_us < $until_us
    UNION ALL
    SELECT file_id, line_no, exposed_us, 'ip' AS link_type, ip_key AS id_key
    FROM clean.exposure
    WHERE household_key IS NULL AND ip_key IS NOT NULL
      AND received_us <= $as_of_us AND exposed_us >= $from_us AND exposed_us < $until_us
),
linked AS (
    SELECT
        c.file_id, c.line_no, w.link_rank,
        MIN(l.household_id) AS household_id,
        MAX(l.household_id) AS other_household_id
    FROM carried AS c
    JOIN ops.match_window AS w ON w.link_type = c.link_type
    JOIN model.link AS l ON l.id_type = c.link_type AND l.id_key = c.id_key
    WHERE c.exposed_us - l.last_seen_us <= w.window_us
      AND l.first_seen_us - c.exposed_us <= w.window_us
    GROUP BY c.file_id, c.line_no, w.link_rank
),
ranked AS (
    SELECT
        file_id, line_no, household_id,
        ROW_NUMBER() OVER (PARTITION BY file_id, line_no ORDER BY link_rank) AS choice_no
    FROM linked
    WHERE household_id = other_household_id
)
SELECT file_id, line_no, household_id
FROM ranked
WHERE choice_no = 1

-- The household that each record by itself leads to, whether its person allowed measurement or not: only to count consent by arm.
-- grain: matched record that is no test
-- key: record_id
-- reads: model.record, clean.identifier, model.household, model.link, ops.match_window
-- params: none
-- not null: household_id
--
-- As conversions are matched (model.match), but record by record, for a record that denied measurement is in no
-- conversion. Every state of consent and every arm is matched alike.
WITH carried AS (
    SELECT record_id, occurred_us, 'email' AS link_type, email_key AS id_key
    FROM model.record WHERE category <> 1 AND email_key IS NOT NULL
    UNION ALL
    SELECT record_id, occurred_us, 'phone' AS link_type, phone_key AS id_key
    FROM model.record WHERE category <> 1 AND phone_key IS NOT NULL
    UNION ALL
    SELECT record_id, occurred_us, 'customer' AS link_type, customer_key AS id_key
    FROM model.record WHERE category <> 1 AND customer_key IS NOT NULL
    UNION ALL
    SELECT record_id, occurred_us, 'device' AS link_type, device_key AS id_key
    FROM model.record WHERE category <> 1 AND device_key IS NOT NULL
    UNION ALL
    SELECT record_id, occurred_us, 'ip' AS link_type, ip_key AS id_key
    FROM model.record WHERE category <> 1 AND ip_key IS NOT NULL
    UNION ALL
    SELECT r.record_id, r.occurred_us, i.id_type AS link_type, i.id_key
    FROM model.record AS r
    JOIN clean.identifier AS i ON i.row_key = r.row_key
    WHERE r.category <> 1 AND i.table_name <> 'identity_link'
),
linked AS (
    SELECT
        record_id, link_rank,
        MIN(household_id) AS household_id,
        MAX(household_id) AS other_household_id
    FROM (
        SELECT r.record_id, 0 AS link_rank, h.household_id
        FROM model.record AS r
        JOIN model.household AS h ON h.household_key = r.household_key
        WHERE r.category <> 1
        UNION ALL
        SELECT c.record_id, w.link_rank, l.household_id
        FROM carried AS c
        JOIN ops.match_window AS w ON w.link_type = c.link_type
        JOIN model.link AS l ON l.id_type = c.link_type AND l.id_key = c.id_key
        WHERE c.occurred_us - l.last_seen_us <= w.window_us
          AND l.first_seen_us - c.occurred_us <= w.window_us
    ) AS candidate
    GROUP BY record_id, link_rank
),
ranked AS (
    SELECT
        record_id, household_id,
        ROW_NUMBER() OVER (PARTITION BY record_id ORDER BY link_rank) AS choice_no
    FROM linked
    WHERE household_id = other_household_id
)
SELECT record_id, household_id
FROM ranked
WHERE choice_no = 1

-- Every unit of two lists that are reconciled: whether the other list has it on the same day, and if not, the one cause.
-- grain: pair, list and record
-- key: pair_no, list_no, record_id
-- reads: ops.parity, ops.report_day, ops.miscased_event, ops.crm_event, model.record, model.conversion, model.conversion_record
-- params: as_of_us, span_us, late_us
-- not null: event_no, day_no, cause, value_micros
--
-- list_no: 1 or 2 of the pair. cause: 0 the other list has it too; 1 environment, 2 out of scope, 3 duplicate,
-- 4 dedup conflict, 5 missing parameters, 6 consent, 7 windowing, 8 definition mismatch, 9 late, 10 delivery loss,
-- 11 phantom, 12 unexplained. The first that holds: of what a record is by itself; else of what the other list holds
-- under the same order id or event id once one rule is relaxed; else of who knows the conversion at all.
-- The deduplicated list has one unit a conversion. The CRM's has the orders that count, each in its last state; its
-- other orders are no units, but tell why an event has no counterpart. Events that no state of an order confirms are
-- not reconciled with the CRM.
-- Two records that share no id are the same sale under ids of their own (4) when one person spent the same amount in
-- the same event within the dedup span and neither has a counterpart.
WITH confirmable AS (
    SELECT event_no FROM ops.crm_event GROUP BY event_no
),
listed AS (
    SELECT p.pair_no, 1 AS list_no, p.first_surface_no AS surface_no, p.second_surface_no AS other_surface_no, p.has_crm, r.record_id
    FROM ops.parity AS p
    JOIN model.record AS r ON r.surface_no = p.first_surface_no
    WHERE p.first_platform IS NULL OR r.platform = p.first_platform
    UNION ALL
    SELECT p.pair_no, 2 AS list_no, p.second_surface_no AS surface_no, p.first_surface_no AS other_surface_no, p.has_crm, r.record_id
    FROM ops.parity AS p
    JOIN model.record AS r ON r.surface_no = p.second_surface_no
    WHERE p.second_platform IS NULL OR r.platform = p.second_platform
    UNION ALL
    SELECT p.pair_no, 1 AS list_no, 6 AS surface_no, p.second_surface_no AS other_surface_no, p.has_crm, c.conversion_id AS record_id
    FROM model.conversion AS c
    JOIN ops.parity AS p ON p.first_surface_no = 6
),
unit AS (
    SELECT
        l.pair_no, l.list_no, l.surface_no, l.other_surface_no, l.has_crm,
        r.record_id, r.event_no, r.category, r.event_id, r.order_id, r.occurred_us, r.value_micros,
        r.email_key, r.phone_key, r.customer_key,
        m.conversion_id,
        d.day_no,
        CASE WHEN r.category = 2 AND n.event_no IS NOT NULL THEN 1 ELSE 0 END AS is_miscased,
        CASE WHEN l.surface_no = 5 AND r.category IN (2, 5, 6) THEN 0 ELSE 1 END AS is_unit,
        ROW_NUMBER() OVER (
            PARTITION BY l.pair_no, l.list_no, COALESCE(m.conversion_id, 0 - r.record_id) ORDER BY r.record_id
        ) AS copy_no
    FROM listed AS l
    JOIN model.record AS r ON r.record_id = l.record_id
    LEFT JOIN model.conversion_record AS m ON m.record_id = r.record_id
    LEFT JOIN ops.report_day AS d ON d.quarter_us = r.occurred_us - MOD(r.occurred_us, 900000000)
    LEFT JOIN ops.miscased_event AS n ON n.platform = r.platform AND n.event_name = r.unknown_name
),
meeting AS (
    SELECT pair_no, conversion_id, COUNT(*) AS lists, COUNT(day_no) AS days, MIN(day_no) AS first_day_no, MAX(day_no) AS last_day_no
    FROM unit
    WHERE conversion_id IS NOT NULL AND copy_no = 1
    GROUP BY pair_no, conversion_id
),
judged AS (
    SELECT
        u.pair_no, u.list_no, u.surface_no, u.other_surface_no, u.has_crm,
        u.record_id, u.event_no, u.category, u.event_id, u.order_id, u.occurred_us, u.value_micros,
        u.email_key, u.phone_key, u.customer_key, u.conversion_id, u.day_no,
        CASE
            WHEN u.category = 1 THEN 1
            WHEN u.category = 4 THEN 2
            WHEN g.lists = 2 AND u.copy_no = 1 AND (g.days < 2 OR g.first_day_no <> g.last_day_no) THEN 2
            WHEN u.copy_no > 1 THEN 3
            WHEN u.is_miscased = 1 THEN 4
            WHEN u.category = 3 THEN 5
            WHEN u.category = 7 THEN 6
            WHEN u.category IN (2, 8) THEN 8
            WHEN g.lists = 2 THEN 0
        END AS cause
    FROM unit AS u
    LEFT JOIN meeting AS g ON g.pair_no = u.pair_no AND g.conversion_id = u.conversion_id
    LEFT JOIN confirmable AS k ON k.event_no = u.event_no
    WHERE u.is_unit = 1 AND u.day_no IS NOT NULL
      AND (u.surface_no <> 5 AND u.other_surface_no <> 5 OR k.event_no IS NOT NULL OR u.event_no = 0)
),
lacking AS (
    SELECT
        pair_no, list_no, record_id, event_no, event_id, order_id, occurred_us, value_micros,
        email_key, phone_key, customer_key
    FROM judged
    WHERE cause IS NULL
),
relaxed AS (
    SELECT
        l.pair_no, l.list_no, l.record_id,
        CASE
            WHEN o.category = 1 THEN 1
            WHEN o.category = 4 THEN 2
            WHEN o.is_miscased = 1 THEN 4
            WHEN o.category = 3 THEN 5
            WHEN o.category = 7 THEN 6
            WHEN o.category IN (2, 5, 6, 8) OR o.event_no <> l.event_no THEN 8
            ELSE 4
        END AS cause
    FROM lacking AS l
    JOIN unit AS o ON o.pair_no = l.pair_no AND o.list_no <> l.list_no AND LOWER(o.order_id) = LOWER(l.order_id)
    UNION ALL
    SELECT
        l.pair_no, l.list_no, l.record_id,
        CASE
            WHEN o.category = 1 THEN 1
            WHEN o.category = 4 THEN 2
            WHEN o.is_miscased = 1 OR o.category = 0 AND o.event_no <> l.event_no THEN 4
            WHEN o.category = 3 THEN 5
            WHEN o.category = 7 THEN 6
            WHEN o.category IN (2, 5, 6, 8) THEN 8
            WHEN o.event_id <> l.event_id OR o.order_id <> l.order_id THEN 4
            ELSE 7
        END AS cause
    FROM lacking AS l
    JOIN unit AS o ON o.pair_no = l.pair_no AND o.list_no <> l.list_no AND LOWER(o.event_id) = LOWER(l.event_id)
    UNION ALL
    SELECT l.pair_no, l.list_no, l.record_id, 4 AS cause
    FROM lacking AS l
    JOIN lacking AS o ON o.pair_no = l.pair_no AND o.list_no <> l.list_no AND o.event_no = l.event_no
        AND o.value_micros = l.value_micros AND o.email_key = l.email_key AND ABS(o.occurred_us - l.occurred_us) <= $span_us
    UNION ALL
    SELECT l.pair_no, l.list_no, l.record_id, 4 AS cause
    FROM lacking AS l
    JOIN lacking AS o ON o.pair_no = l.pair_no AND o.list_no <> l.list_no AND o.event_no = l.event_no
        AND o.value_micros = l.value_micros AND o.phone_key = l.phone_key AND ABS(o.occurred_us - l.occurred_us) <= $span_us
    UNION ALL
    SELECT l.pair_no, l.list_no, l.record_id, 4 AS cause
    FROM lacking AS l
    JOIN lacking AS o ON o.pair_no = l.pair_no AND o.list_no <> l.list_no AND o.event_no = l.event_no
        AND o.value_micros = l.value_micros AND o.customer_key = l.customer_key AND ABS(o.occurred_us - l.occurred_us) <= $span_us
),
found AS (
    SELECT pair_no, list_no, record_id, MIN(cause) AS cause
    FROM relaxed
    GROUP BY pair_no, list_no, record_id
)
SELECT
    j.pair_no,
    j.list_no,
    j.record_id,
    j.event_no,
    j.day_no,
    COALESCE(
        j.cause,
        f.cause,
        CASE
            WHEN $as_of_us - j.occurred_us <= $late_us THEN 9
            WHEN j.other_surface_no < 5 AND (j.surface_no = 5 OR c.is_crm = 1) THEN 10
            WHEN j.surface_no <> 5 AND j.has_crm = 1 AND k.event_no IS NOT NULL AND COALESCE(c.is_crm, 0) = 0 THEN 11
            ELSE 12
        END
    ) AS cause,
    COALESCE(j.value_micros, 0) AS value_micros
FROM judged AS j
LEFT JOIN found AS f ON f.pair_no = j.pair_no AND f.list_no = j.list_no AND f.record_id = j.record_id
LEFT JOIN model.conversion AS c ON c.conversion_id = j.conversion_id
LEFT JOIN confirmable AS k ON k.event_no = j.event_no

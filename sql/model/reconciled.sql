-- Every unit of two lists that are reconciled: whether the other list has it on the same day, and if not, the one cause.
-- grain: pair, list and record
-- key: pair_no, list_no, record_id
-- reads: ops.parity, ops.report_day, ops.miscased_event, ops.crm_event, ops.list, model.record, model.withheld, model.conversion, model.conversion_record
-- params: as_of_us, span_us, late_us, wants_test
-- not null: event_no, day_no, cause
--
-- With wants_test 1 only the test records are units; the others tell why one has no counterpart (1).
-- list_no: 1 or 2 of the pair. cause: 0 the other list has it too; 1 environment, 2 out of scope, 3 duplicate,
-- 4 dedup conflict, 5 missing parameters, 6 consent, 7 windowing, 8 definition mismatch, 9 late, 10 delivery loss,
-- 11 phantom, 12 unexplained. The first that holds: of what a record is by itself; else of what the other list holds
-- under the same order id or event id once one rule is relaxed; else of who knows the conversion at all.
-- The deduplicated list has one unit a conversion. The CRM's has the orders that count, each in its last state; its
-- other orders are no units, but tell why an event has no counterpart. Events that no state of an order confirms are
-- not reconciled with the CRM.
-- Two records that share no id are the same sale under ids of their own (4) when one person spent the same amount in
-- the same event within the dedup span and neither has a counterpart: the first of them in one list with the first in
-- the other, the second with the second. A deduplicated conversion that a list lacks is
-- compared with all of that list, because each of its records is a conversion too.
-- category as in model.record, and 9 for an event of an unknown name that differs from a known one in capitals only.
WITH confirmable AS (
    SELECT event_no FROM ops.crm_event GROUP BY event_no
),
bounds AS (
    SELECT MIN(quarter_us) AS first_us FROM ops.report_day
),
side AS (
    SELECT
        pair_no, 1 AS list_no, first_surface_no AS surface_no, first_platform AS platform,
        second_surface_no AS other_surface_no, has_crm
    FROM ops.parity
    UNION ALL
    SELECT
        pair_no, 2 AS list_no, second_surface_no AS surface_no, second_platform AS platform,
        first_surface_no AS other_surface_no, has_crm
    FROM ops.parity
),
told AS (
    SELECT
        m.record_id, m.surface_no, l.platform, m.event_no, 0 AS category, 1 AS is_listed, m.occurred_us, m.conversion_id,
        CAST(NULL AS VARCHAR) AS unknown_name
    FROM model.conversion_record AS m
    JOIN ops.list AS l ON l.list_no = m.list_no
    UNION ALL
    SELECT
        r.record_id, r.surface_no, r.platform, r.event_no, CASE WHEN w.record_id IS NULL THEN r.category ELSE 7 END AS category,
        r.is_listed, r.occurred_us, CAST(NULL AS BIGINT) AS conversion_id, r.unknown_name
    FROM model.record AS r
    LEFT JOIN model.withheld AS w ON w.record_id = r.record_id
    WHERE r.category <> 0 OR w.record_id IS NOT NULL
),
listed AS (
    SELECT s.pair_no, s.list_no, s.surface_no, s.other_surface_no,
        t.record_id, t.event_no, t.category, t.is_listed, t.occurred_us, t.conversion_id, t.platform, t.unknown_name
    FROM side AS s
    JOIN told AS t ON t.surface_no = s.surface_no
    WHERE s.platform IS NULL OR t.platform = s.platform
    UNION ALL
    SELECT s.pair_no, s.list_no, s.surface_no, s.other_surface_no,
        m.record_id, m.event_no, 0 AS category, 1 AS is_listed, m.occurred_us, m.conversion_id,
        CAST(NULL AS VARCHAR) AS platform, CAST(NULL AS VARCHAR) AS unknown_name
    FROM side AS s
    JOIN model.conversion AS c ON s.surface_no = 6
    JOIN model.conversion_record AS m ON m.record_id = c.conversion_id
),
unit AS (
    SELECT
        l.pair_no, l.list_no, l.record_id, l.event_no, l.occurred_us, l.conversion_id,
        CASE WHEN l.category = 2 AND n.event_no IS NOT NULL THEN 9 ELSE l.category END AS category,
        COALESCE(d.day_no, CASE WHEN l.occurred_us < b.first_us THEN -1 ELSE 10000000 END) AS day_no,
        CASE
            WHEN d.day_no IS NULL OR l.category = 1 AND $wants_test = 1 THEN 0
            WHEN l.surface_no <> 5 AND l.other_surface_no <> 5 OR k.event_no IS NOT NULL OR l.event_no = 0 THEN l.is_listed
            ELSE 0
        END AS is_judged
    FROM listed AS l
    CROSS JOIN bounds AS b
    LEFT JOIN confirmable AS k ON k.event_no = l.event_no
    LEFT JOIN ops.report_day AS d ON d.quarter_us = l.occurred_us - MOD(l.occurred_us, 900000000)
    LEFT JOIN ops.miscased_event AS n ON n.platform = l.platform AND n.event_name = l.unknown_name
),
meeting AS (
    SELECT
        pair_no, conversion_id,
        MIN(CASE WHEN list_no = 1 THEN record_id END) AS first_id,
        MIN(CASE WHEN list_no = 2 THEN record_id END) AS second_id,
        MIN(CASE WHEN list_no = 1 THEN day_no END) AS first_day_no,
        MIN(CASE WHEN list_no = 2 THEN day_no END) AS second_day_no
    FROM unit
    WHERE conversion_id IS NOT NULL
    GROUP BY pair_no, conversion_id
),
judged AS (
    SELECT
        u.pair_no, u.list_no, u.record_id, u.event_no, u.occurred_us, u.conversion_id, u.day_no,
        CASE
            WHEN u.category = 1 THEN 1
            WHEN u.category = 4 THEN 2
            WHEN u.record_id <> g.first_id AND u.list_no = 1 OR u.record_id <> g.second_id AND u.list_no = 2 THEN 3
            WHEN g.first_day_no <> g.second_day_no THEN 2
            WHEN u.category = 9 THEN 4
            WHEN u.category = 3 THEN 5
            WHEN u.category = 7 THEN 6
            WHEN u.category IN (2, 8) THEN 8
            WHEN g.first_id IS NOT NULL AND g.second_id IS NOT NULL THEN 0
        END AS cause
    FROM unit AS u
    LEFT JOIN meeting AS g ON g.pair_no = u.pair_no AND g.conversion_id = u.conversion_id
    WHERE u.is_judged = 1
),
lacking AS (
    SELECT
        j.pair_no, j.list_no, s.surface_no, s.other_surface_no, s.has_crm, j.record_id, j.event_no, j.occurred_us, j.conversion_id,
        r.event_id, r.order_id, r.value_micros, r.email_key, r.phone_key, r.customer_key
    FROM judged AS j
    JOIN side AS s ON s.pair_no = j.pair_no AND s.list_no = j.list_no
    JOIN model.record AS r ON r.record_id = j.record_id
    WHERE j.cause IS NULL
),
alike AS (
    SELECT pair_no, list_no, record_id, event_no, event_id, order_id, occurred_us, value_micros, email_key, phone_key, customer_key
    FROM lacking
    UNION ALL
    SELECT
        u.pair_no, u.list_no, u.record_id, u.event_no, r.event_id, r.order_id, u.occurred_us, r.value_micros,
        r.email_key, r.phone_key, r.customer_key
    FROM side AS s
    JOIN unit AS u ON u.pair_no = s.pair_no AND u.list_no = s.list_no
    JOIN model.record AS r ON r.record_id = u.record_id
    WHERE s.other_surface_no = 6 AND u.category = 0
),
ordered AS (
    SELECT
        w.pair_no, w.list_no, w.order_id, o.event_no, o.category
    FROM (SELECT pair_no, list_no, order_id FROM lacking WHERE order_id IS NOT NULL GROUP BY pair_no, list_no, order_id) AS w
    JOIN model.record AS r ON r.order_id = w.order_id
    JOIN unit AS o ON o.pair_no = w.pair_no AND o.list_no <> w.list_no AND o.record_id = r.record_id
    GROUP BY w.pair_no, w.list_no, w.order_id, o.event_no, o.category
),
sent AS (
    SELECT
        w.pair_no, w.list_no, w.event_id, o.event_no, o.category,
        MIN(r.order_id) AS least_order_id, MAX(r.order_id) AS last_order_id
    FROM (SELECT pair_no, list_no, event_id FROM lacking WHERE event_id IS NOT NULL GROUP BY pair_no, list_no, event_id) AS w
    JOIN model.record AS r ON r.event_id = w.event_id
    JOIN unit AS o ON o.pair_no = w.pair_no AND o.list_no <> w.list_no AND o.record_id = r.record_id
    GROUP BY w.pair_no, w.list_no, w.event_id, o.event_no, o.category
),
written AS (
    SELECT pair_no, list_no, 'order' AS kind, LOWER(order_id) AS folded, MIN(order_id) AS least_id, MAX(order_id) AS last_id
    FROM alike
    WHERE order_id IS NOT NULL
    GROUP BY pair_no, list_no, LOWER(order_id)
    UNION ALL
    SELECT pair_no, list_no, 'event' AS kind, LOWER(event_id) AS folded, MIN(event_id) AS least_id, MAX(event_id) AS last_id
    FROM alike
    WHERE event_id IS NOT NULL
    GROUP BY pair_no, list_no, LOWER(event_id)
),
spent AS (
    SELECT pair_no, list_no, record_id, event_no, value_micros, occurred_us, 'email' AS kind, email_key AS id_key
    FROM alike WHERE email_key IS NOT NULL AND value_micros IS NOT NULL
    UNION ALL
    SELECT pair_no, list_no, record_id, event_no, value_micros, occurred_us, 'phone' AS kind, phone_key AS id_key
    FROM alike WHERE phone_key IS NOT NULL AND value_micros IS NOT NULL
    UNION ALL
    SELECT pair_no, list_no, record_id, event_no, value_micros, occurred_us, 'customer' AS kind, customer_key AS id_key
    FROM alike WHERE customer_key IS NOT NULL AND value_micros IS NOT NULL
),
placed AS (
    SELECT
        pair_no, list_no, record_id, event_no, value_micros, occurred_us, kind, id_key,
        ROW_NUMBER() OVER (PARTITION BY pair_no, list_no, event_no, value_micros, kind, id_key ORDER BY occurred_us, record_id) AS place_no
    FROM spent
),
near AS (
    SELECT a.pair_no, a.record_id AS first_id, b.record_id AS second_id
    FROM placed AS a
    JOIN placed AS b
        ON b.pair_no = a.pair_no AND b.event_no = a.event_no AND b.value_micros = a.value_micros
        AND b.kind = a.kind AND b.id_key = a.id_key AND b.place_no = a.place_no
    WHERE a.list_no = 1
      AND b.list_no = 2
      AND ABS(a.occurred_us - b.occurred_us) <= $span_us
),
relaxed AS (
    SELECT
        l.pair_no, l.list_no, l.record_id,
        CASE
            WHEN o.category = 1 THEN 1
            WHEN o.category = 4 THEN 2
            WHEN o.category = 9 THEN 4
            WHEN o.category = 3 THEN 5
            WHEN o.category = 7 THEN 6
            WHEN o.category IN (2, 5, 6, 8) OR o.event_no <> l.event_no THEN 8
            ELSE 4
        END AS cause
    FROM lacking AS l
    JOIN ordered AS o ON o.pair_no = l.pair_no AND o.list_no = l.list_no AND o.order_id = l.order_id
    UNION ALL
    SELECT
        l.pair_no, l.list_no, l.record_id,
        CASE
            WHEN o.category = 1 THEN 1
            WHEN o.category = 4 THEN 2
            WHEN o.category = 9 OR o.category = 0 AND o.event_no <> l.event_no THEN 4
            WHEN o.category = 3 THEN 5
            WHEN o.category = 7 THEN 6
            WHEN o.category IN (2, 5, 6, 8) THEN 8
            WHEN o.least_order_id <> l.order_id OR o.last_order_id <> l.order_id THEN 4
            ELSE 7
        END AS cause
    FROM lacking AS l
    JOIN sent AS o ON o.pair_no = l.pair_no AND o.list_no = l.list_no AND o.event_id = l.event_id
    UNION ALL
    SELECT l.pair_no, l.list_no, l.record_id, 4 AS cause
    FROM lacking AS l
    JOIN written AS o ON o.pair_no = l.pair_no AND o.list_no <> l.list_no AND o.kind = 'order' AND o.folded = LOWER(l.order_id)
    WHERE o.least_id <> l.order_id OR o.last_id <> l.order_id
    UNION ALL
    SELECT l.pair_no, l.list_no, l.record_id, 4 AS cause
    FROM lacking AS l
    JOIN written AS o ON o.pair_no = l.pair_no AND o.list_no <> l.list_no AND o.kind = 'event' AND o.folded = LOWER(l.event_id)
    WHERE o.least_id <> l.event_id OR o.last_id <> l.event_id
    UNION ALL
    SELECT pair_no, 1 AS list_no, first_id AS record_id, 4 AS cause
    FROM near
    UNION ALL
    SELECT pair_no, 2 AS list_no, second_id AS record_id, 4 AS cause
    FROM near
),
found AS (
    SELECT pair_no, list_no, record_id, MIN(cause) AS cause
    FROM relaxed
    GROUP BY pair_no, list_no, record_id
),
fate AS (
    SELECT
        l.pair_no, l.list_no, l.record_id,
        COALESCE(
            f.cause,
            CASE
                WHEN $as_of_us - l.occurred_us <= $late_us THEN 9
                WHEN l.other_surface_no < 5 AND (l.surface_no = 5 OR c.is_crm = 1) THEN 10
                WHEN l.surface_no <> 5 AND l.has_crm = 1 AND k.event_no IS NOT NULL AND COALESCE(c.is_crm, 0) = 0 THEN 11
                ELSE 12
            END
        ) AS cause
    FROM lacking AS l
    LEFT JOIN found AS f ON f.pair_no = l.pair_no AND f.list_no = l.list_no AND f.record_id = l.record_id
    LEFT JOIN model.conversion AS c ON c.conversion_id = l.conversion_id
    LEFT JOIN confirmable AS k ON k.event_no = l.event_no
)
SELECT
    j.pair_no,
    j.list_no,
    j.record_id,
    j.event_no,
    j.day_no,
    COALESCE(j.cause, f.cause) AS cause
FROM judged AS j
LEFT JOIN fate AS f ON f.pair_no = j.pair_no AND f.list_no = j.list_no AND f.record_id = j.record_id

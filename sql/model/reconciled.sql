-- Every unit of two lists but those of conversions that both tell of alike (model.meeting): whether the other list has it on the same day, and if not, the one cause.
-- grain: pair, list and record
-- key: pair_no, list_no, record_id
-- reads: ops.parity, ops.report_day, ops.miscased_event, ops.crm_event, ops.list, model.record, model.withheld, model.conversion, model.conversion_record, model.meeting
-- params: as_of_us, span_us, late_us, wants_test
-- not null: event_no, day_no, cause
--
-- With wants_test 1 only the test records are units; the others tell why one has no counterpart (1).
-- list_no: 1 or 2 of the pair. cause: 0 the other list has it too, in a conversion of more than two units; 1 environment, 2 out of scope, 3 duplicate,
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
    SELECT s.pair_no, s.list_no, s.surface_no, s.other_surface_no, l.list_no AS record_list_no
    FROM side AS s
    JOIN ops.list AS l ON l.surface_no = s.surface_no AND (s.platform IS NULL OR l.platform = s.platform) OR s.surface_no = 6
),
outside AS (
    SELECT
        r.record_id, r.list_no, r.event_no, r.is_listed, r.occurred_us,
        CASE WHEN w.record_id IS NOT NULL THEN 7 WHEN r.category = 2 AND n.event_no IS NOT NULL THEN 9 ELSE r.category END AS category
    FROM model.record AS r
    LEFT JOIN model.withheld AS w ON w.record_id = r.record_id
    LEFT JOIN ops.miscased_event AS n ON n.platform = r.platform AND n.event_name = r.unknown_name
    WHERE r.category <> 0
    UNION ALL
    SELECT r.record_id, r.list_no, r.event_no, r.is_listed, r.occurred_us, 7 AS category
    FROM model.withheld AS w
    JOIN model.record AS r ON r.record_id = w.record_id
    WHERE r.category = 0
),
deduplicated AS (
    SELECT g.pair_no, s.list_no, g.conversion_id
    FROM side AS s
    JOIN model.meeting AS g ON g.pair_no = s.pair_no
    WHERE s.surface_no = 6
      AND g.is_even = 0
    GROUP BY g.pair_no, s.list_no, g.conversion_id
),
listed AS (
    SELECT t.pair_no, t.list_no, m.record_id, m.event_no, m.occurred_us, m.conversion_id
    FROM model.meeting AS g
    JOIN model.conversion_record AS m ON m.conversion_id = g.conversion_id
    JOIN told AS t ON t.pair_no = g.pair_no AND t.record_list_no = m.list_no
    WHERE g.is_even = 0
      AND t.surface_no <> 6
    UNION ALL
    SELECT d.pair_no, d.list_no, m.record_id, m.event_no, m.occurred_us, m.conversion_id
    FROM deduplicated AS d
    JOIN model.conversion AS c ON c.conversion_id = d.conversion_id
    JOIN model.conversion_record AS m ON m.record_id = c.conversion_id
),
uneven AS (
    SELECT
        l.pair_no, l.list_no, l.record_id, l.event_no, l.occurred_us, l.conversion_id, d.day_no,
        COALESCE(d.day_no, CASE WHEN l.occurred_us < b.first_us THEN -10000000 ELSE 10000000 END) AS any_day_no
    FROM listed AS l
    CROSS JOIN bounds AS b
    LEFT JOIN ops.report_day AS d ON d.quarter_us = l.occurred_us - MOD(l.occurred_us, 900000000)
),
earliest AS (
    SELECT
        pair_no, conversion_id,
        MIN(CASE WHEN list_no = 1 THEN record_id END) AS first_id,
        MIN(CASE WHEN list_no = 2 THEN record_id END) AS second_id,
        MIN(CASE WHEN list_no = 1 THEN any_day_no END) AS first_day_no,
        MIN(CASE WHEN list_no = 2 THEN any_day_no END) AS second_day_no
    FROM uneven
    GROUP BY pair_no, conversion_id
),
judged AS (
    SELECT
        u.pair_no, u.list_no, u.record_id, u.event_no, u.occurred_us, u.conversion_id, u.day_no,
        CASE
            WHEN u.record_id <> g.first_id AND u.list_no = 1 OR u.record_id <> g.second_id AND u.list_no = 2 THEN 3
            WHEN g.first_day_no <> g.second_day_no THEN 2
            WHEN g.first_id IS NOT NULL AND g.second_id IS NOT NULL THEN 0
        END AS cause
    FROM uneven AS u
    JOIN earliest AS g ON g.pair_no = u.pair_no AND g.conversion_id = u.conversion_id
    WHERE u.day_no IS NOT NULL
    UNION ALL
    SELECT
        t.pair_no, t.list_no, o.record_id, o.event_no, o.occurred_us, CAST(NULL AS BIGINT) AS conversion_id, d.day_no,
        CASE o.category WHEN 1 THEN 1 WHEN 4 THEN 2 WHEN 9 THEN 4 WHEN 3 THEN 5 WHEN 7 THEN 6 WHEN 2 THEN 8 WHEN 8 THEN 8 END AS cause
    FROM told AS t
    JOIN outside AS o ON o.list_no = t.record_list_no
    JOIN ops.report_day AS d ON d.quarter_us = o.occurred_us - MOD(o.occurred_us, 900000000)
    LEFT JOIN confirmable AS k ON k.event_no = o.event_no
    WHERE t.surface_no <> 6
      AND o.is_listed = 1
      AND (o.category <> 1 OR $wants_test <> 1)
      AND (t.surface_no <> 5 AND t.other_surface_no <> 5 OR k.event_no IS NOT NULL OR o.event_no = 0)
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
        t.pair_no, t.list_no, r.record_id, r.event_no, r.event_id, r.order_id, r.occurred_us, r.value_micros,
        r.email_key, r.phone_key, r.customer_key
    FROM told AS t
    JOIN model.record AS r ON r.list_no = t.record_list_no
    LEFT JOIN model.withheld AS w ON w.record_id = r.record_id
    WHERE t.other_surface_no = 6
      AND r.category = 0
      AND w.record_id IS NULL
),
held AS (
    SELECT w.pair_no, t.list_no, t.surface_no, 'order' AS kind, w.order_id AS id, r.record_id, r.event_no, r.order_id
    FROM (SELECT pair_no, list_no, order_id FROM lacking WHERE order_id IS NOT NULL GROUP BY pair_no, list_no, order_id) AS w
    JOIN model.record AS r ON r.order_id = w.order_id
    JOIN told AS t ON t.pair_no = w.pair_no AND t.list_no <> w.list_no AND t.record_list_no = r.list_no
    UNION ALL
    SELECT w.pair_no, t.list_no, t.surface_no, 'event' AS kind, w.event_id AS id, r.record_id, r.event_no, r.order_id
    FROM (SELECT pair_no, list_no, event_id FROM lacking WHERE event_id IS NOT NULL GROUP BY pair_no, list_no, event_id) AS w
    JOIN model.record AS r ON r.event_id = w.event_id
    JOIN told AS t ON t.pair_no = w.pair_no AND t.list_no <> w.list_no AND t.record_list_no = r.list_no
),
believed AS (
    SELECT c.conversion_id
    FROM (SELECT record_id FROM held WHERE surface_no = 6 GROUP BY record_id) AS h
    JOIN model.conversion AS c ON c.conversion_id = h.record_id
),
sent AS (
    SELECT
        h.pair_no, h.list_no, h.kind, h.id, h.event_no, COALESCE(o.category, 0) AS category,
        MIN(h.order_id) AS least_order_id, MAX(h.order_id) AS last_order_id
    FROM held AS h
    LEFT JOIN outside AS o ON o.record_id = h.record_id
    LEFT JOIN believed AS c ON c.conversion_id = h.record_id
    WHERE h.surface_no <> 6 OR c.conversion_id IS NOT NULL
    GROUP BY h.pair_no, h.list_no, h.kind, h.id, h.event_no, COALESCE(o.category, 0)
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
equal AS (
    SELECT pair_no, event_no, value_micros, kind, id_key
    FROM spent
    GROUP BY pair_no, event_no, value_micros, kind, id_key
    HAVING MIN(list_no) <> MAX(list_no)
),
placed AS (
    SELECT
        s.pair_no, s.list_no, s.record_id, s.event_no, s.value_micros, s.occurred_us, s.kind, s.id_key,
        ROW_NUMBER() OVER (
            PARTITION BY s.pair_no, s.list_no, s.event_no, s.value_micros, s.kind, s.id_key ORDER BY s.occurred_us, s.record_id
        ) AS place_no
    FROM equal AS e
    JOIN spent AS s
        ON s.pair_no = e.pair_no AND s.event_no = e.event_no AND s.value_micros = e.value_micros
        AND s.kind = e.kind AND s.id_key = e.id_key
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
    JOIN sent AS o ON o.pair_no = l.pair_no AND o.list_no <> l.list_no AND o.kind = 'order' AND o.id = l.order_id
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
    JOIN sent AS o ON o.pair_no = l.pair_no AND o.list_no <> l.list_no AND o.kind = 'event' AND o.id = l.event_id
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
ordering AS (
    SELECT c.conversion_id
    FROM (SELECT conversion_id FROM lacking WHERE conversion_id IS NOT NULL GROUP BY conversion_id) AS l
    JOIN model.conversion AS c ON c.conversion_id = l.conversion_id
    WHERE c.is_crm = 1
),
fate AS (
    SELECT
        l.pair_no, l.list_no, l.record_id,
        COALESCE(
            f.cause,
            CASE
                WHEN $as_of_us - l.occurred_us <= $late_us THEN 9
                WHEN l.other_surface_no < 5 AND (l.surface_no = 5 OR c.conversion_id IS NOT NULL) THEN 10
                WHEN l.surface_no <> 5 AND l.has_crm = 1 AND k.event_no IS NOT NULL AND c.conversion_id IS NULL THEN 11
                ELSE 12
            END
        ) AS cause
    FROM lacking AS l
    LEFT JOIN found AS f ON f.pair_no = l.pair_no AND f.list_no = l.list_no AND f.record_id = l.record_id
    LEFT JOIN ordering AS c ON c.conversion_id = l.conversion_id
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

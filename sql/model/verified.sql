-- What the CRM says of the payment of every purchase: of each conversion in every list that tells of it, and of each order.
-- grain: list and conversion, or order of the CRM
-- key: surface_no, platform, unit_id
-- reads: model.record, model.conversion_record, clean.crm_order, ops.crm_event, model.conversion, model.withheld
-- params: as_of_us, late_us, currency
-- not null: event_no, state, is_timed, is_early, is_excess
--
-- Only events that states of an order confirm. surface_no as in model.record, and 6 for the deduplicated conversions;
-- platform '' is none. unit_id: the conversion, or of the CRM's list the record of an order's last state.
-- state: 1 paid, 2 partly refunded, 3 refunded in full, 4 cancelled, 5 not paid yet, 6 unknown state of its order,
-- 7 no order and older than late_us, 8 no order and not older, 9 no order of anybody is known.
-- A conversion meets its order by the order id of one of its records, so by an event id that they share; the order's
-- other id is asked when no order has the first. It has one state in every list. Of two orders under one id, of two
-- sources, the state that is first in this list speaks. Orders whose last state denied measurement are not looked at.
-- is_timed: the CRM says when the order was paid. is_early: the list's first event lies before that, or, where it is
-- not said, not after the last time at which the order was known as unpaid; early_us: how long before, where it is said.
-- Values are of the report's currency: stated by the list's first event, the order's, what was refunded of it, and what
-- remains of one that was paid, which is not below nothing. is_excess: more was refunded than the order was worth.
WITH confirmable AS (
    SELECT event_no FROM ops.crm_event GROUP BY event_no
),
first_file AS (
    SELECT row_key, MIN(file_id) AS file_id FROM clean.crm_order GROUP BY row_key
),
stated AS (
    SELECT
        r.record_id, r.event_no, r.source_no, r.order_id, r.received_us, r.is_last,
        o.alt_order_id, o.paid_us, o.status, o.value_micros, o.refunded_micros,
        CASE WHEN o.refunded_micros > o.value_micros THEN 1 ELSE 0 END AS is_excess,
        CASE WHEN COALESCE(o.currency, $currency) = $currency THEN 1 ELSE 0 END AS is_own,
        MIN(CASE WHEN o.status IN ('verified', 'refunded') THEN r.received_us END)
            OVER (PARTITION BY r.source_no, r.order_id) AS first_paid_us
    FROM model.record AS r
    JOIN first_file AS f ON f.row_key = r.row_key
    JOIN clean.crm_order AS o ON o.row_key = f.row_key AND o.file_id = f.file_id
    JOIN confirmable AS k ON k.event_no = r.event_no
    LEFT JOIN model.withheld AS w ON w.record_id = r.record_id
    WHERE r.surface_no = 5 AND r.category <> 7
      AND w.record_id IS NULL
),
timed AS (
    SELECT
        *,
        MAX(CASE WHEN status IN ('authorized', 'pending') AND received_us < first_paid_us THEN received_us END)
            OVER (PARTITION BY source_no, order_id) AS unpaid_us
    FROM stated
),
paid AS (
    SELECT
        record_id, event_no, order_id, alt_order_id, received_us, paid_us, unpaid_us, is_excess, is_own, value_micros, refunded_micros,
        CASE
            WHEN status = 'void' THEN 4
            WHEN status IN ('authorized', 'pending') THEN 5
            WHEN status = 'refunded' OR status = 'verified' AND refunded_micros > 0 AND refunded_micros >= value_micros THEN 3
            WHEN status = 'verified' AND refunded_micros > 0 THEN 2
            WHEN status = 'verified' THEN 1
            ELSE 6
        END AS state
    FROM timed
    WHERE is_last = 1
),
valued AS (
    SELECT
        record_id, event_no, order_id, alt_order_id, received_us, paid_us, unpaid_us, is_excess, state,
        CASE WHEN is_own = 1 THEN value_micros END AS gross_micros,
        CASE WHEN is_own = 1 THEN refunded_micros END AS refunded_micros,
        CASE
            WHEN is_own = 0 THEN NULL
            WHEN state = 1 THEN value_micros
            WHEN state = 2 THEN value_micros - refunded_micros
            ELSE 0
        END AS net_micros
    FROM paid
),
named AS (
    SELECT order_id AS id, 0 AS is_alternative, record_id, state, received_us FROM valued
    UNION ALL
    SELECT alt_order_id AS id, 1 AS is_alternative, record_id, state, received_us FROM valued
    WHERE alt_order_id <> order_id
),
told AS (
    SELECT m.conversion_id, m.event_no, r.record_id, r.surface_no, COALESCE(r.platform, '') AS platform, r.order_id, r.occurred_us, r.value_micros
    FROM model.conversion_record AS m
    JOIN model.conversion AS c ON c.conversion_id = m.conversion_id
    JOIN model.record AS r ON r.record_id = m.record_id
    JOIN confirmable AS k ON k.event_no = m.event_no
),
met AS (
    SELECT
        t.conversion_id,
        n.record_id,
        ROW_NUMBER() OVER (
            PARTITION BY t.conversion_id ORDER BY n.is_alternative, n.state, n.received_us DESC, n.record_id
        ) AS choice_no
    FROM (SELECT conversion_id, order_id FROM told WHERE order_id IS NOT NULL GROUP BY conversion_id, order_id) AS t
    JOIN named AS n ON n.id = t.order_id
),
known AS (
    SELECT COUNT(*) AS orders FROM valued
),
confirmed AS (
    SELECT
        c.conversion_id, c.event_no,
        v.paid_us, v.unpaid_us, v.gross_micros, v.refunded_micros, v.net_micros, COALESCE(v.is_excess, 0) AS is_excess,
        CASE
            WHEN v.state IS NOT NULL THEN v.state
            WHEN k.orders = 0 THEN 9
            WHEN $as_of_us - c.told_us <= $late_us THEN 8
            ELSE 7
        END AS state
    FROM (
        SELECT conversion_id, MIN(event_no) AS event_no, MIN(occurred_us) AS told_us FROM told GROUP BY conversion_id
    ) AS c
    CROSS JOIN known AS k
    LEFT JOIN met AS m ON m.conversion_id = c.conversion_id AND m.choice_no = 1
    LEFT JOIN valued AS v ON v.record_id = m.record_id
),
listed AS (
    SELECT surface_no, platform, conversion_id, MIN(record_id) AS first_id
    FROM told
    WHERE surface_no < 5
    GROUP BY surface_no, platform, conversion_id
    UNION ALL
    SELECT 6 AS surface_no, '' AS platform, conversion_id, MIN(CASE WHEN surface_no < 5 THEN record_id END) AS first_id
    FROM told
    GROUP BY conversion_id
)
SELECT
    l.surface_no,
    l.platform,
    c.conversion_id AS unit_id,
    c.event_no,
    c.state,
    CASE WHEN c.paid_us IS NOT NULL AND f.occurred_us IS NOT NULL THEN 1 ELSE 0 END AS is_timed,
    CASE
        WHEN f.occurred_us < c.paid_us THEN 1
        WHEN c.paid_us IS NULL AND c.state <= 3 AND f.occurred_us <= c.unpaid_us THEN 1
        ELSE 0
    END AS is_early,
    CASE WHEN f.occurred_us < c.paid_us THEN c.paid_us - f.occurred_us END AS early_us,
    f.value_micros AS stated_micros,
    c.gross_micros,
    c.refunded_micros,
    c.net_micros,
    c.is_excess
FROM listed AS l
JOIN confirmed AS c ON c.conversion_id = l.conversion_id
LEFT JOIN told AS f ON f.record_id = l.first_id
UNION ALL
SELECT
    5 AS surface_no,
    '' AS platform,
    record_id AS unit_id,
    event_no,
    state,
    0 AS is_timed,
    0 AS is_early,
    CAST(NULL AS BIGINT) AS early_us,
    CAST(NULL AS BIGINT) AS stated_micros,
    gross_micros,
    refunded_micros,
    net_micros,
    is_excess
FROM valued

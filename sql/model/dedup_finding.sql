-- What is odd about the ids of a record that was compared with others: why it may be counted twice, or merged though it should not be.
-- grain: record and finding
-- key: record_id, finding_no
-- reads: model.conversion_record, model.shared_record, model.record
-- params: span_us
--
-- finding_no: 1 other value than the winner of its conversion has, 2 two orders share its event id, 3 its event id stands
-- for another conversion too, because of span, dataset or rule, 4 another event has its event id, 5 its event id or order
-- id differs from another's in capitals only, 6 another list has the same sale under ids of its own, 7 its own list has
-- the same sale again under a new id. The same sale: one event, person and value within the span, in two conversions
-- of which each has one event. Orders of the CRM have no event id and are not sent again.
WITH record AS (
    SELECT
        m.record_id, m.conversion_id, m.event_no, m.list_no, r.event_id, r.order_id, r.occurred_us, r.value_micros,
        r.email_key, r.phone_key, r.customer_key
    FROM model.conversion_record AS m
    JOIN model.record AS r ON r.record_id = m.record_id
    WHERE m.list_no > 1
),
winner AS (
    SELECT s.conversion_id, r.value_micros
    FROM model.shared_record AS s
    JOIN model.record AS r ON r.record_id = s.record_id
    WHERE s.is_winner = 1
      AND r.value_micros IS NOT NULL
),
same_id AS (
    SELECT
        event_no, event_id,
        CASE WHEN MIN(order_id) <> MAX(order_id) THEN 1 ELSE 0 END AS is_shared
    FROM record
    WHERE event_id IS NOT NULL
    GROUP BY event_no, event_id
    HAVING MIN(conversion_id) <> MAX(conversion_id)
),
same_id_of_two AS (
    SELECT event_id
    FROM record
    WHERE event_id IS NOT NULL
    GROUP BY event_id
    HAVING MIN(event_no) <> MAX(event_no)
),
lone AS (
    SELECT
        r.record_id, r.conversion_id, r.event_no, r.list_no, r.event_id, r.order_id, r.occurred_us, r.value_micros,
        r.email_key, r.phone_key, r.customer_key
    FROM record AS r
    LEFT JOIN (
        SELECT conversion_id FROM model.shared_record WHERE list_no > 1 GROUP BY conversion_id HAVING COUNT(*) > 1
    ) AS s ON s.conversion_id = r.conversion_id
    WHERE s.conversion_id IS NULL
),
folded AS (
    SELECT event_no, 'event' AS kind, LOWER(event_id) AS id
    FROM lone
    WHERE event_id IS NOT NULL
    GROUP BY event_no, LOWER(event_id)
    HAVING MIN(event_id) <> MAX(event_id)
    UNION ALL
    SELECT event_no, 'order' AS kind, LOWER(order_id) AS id
    FROM lone
    WHERE order_id IS NOT NULL
    GROUP BY event_no, LOWER(order_id)
    HAVING MIN(order_id) <> MAX(order_id)
),
bought AS (
    SELECT record_id, event_no, list_no, occurred_us, value_micros, 'email' AS kind, email_key AS id_key
    FROM lone WHERE email_key IS NOT NULL AND value_micros IS NOT NULL
    UNION ALL
    SELECT record_id, event_no, list_no, occurred_us, value_micros, 'phone' AS kind, phone_key AS id_key
    FROM lone WHERE phone_key IS NOT NULL AND value_micros IS NOT NULL
    UNION ALL
    SELECT record_id, event_no, list_no, occurred_us, value_micros, 'customer' AS kind, customer_key AS id_key
    FROM lone WHERE customer_key IS NOT NULL AND value_micros IS NOT NULL
),
beside AS (
    SELECT
        record_id, list_no, occurred_us,
        MAX(occurred_us) OVER (
            PARTITION BY event_no, value_micros, kind, id_key, list_no ORDER BY occurred_us, record_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS own_before_us,
        MAX(occurred_us) OVER (
            PARTITION BY event_no, value_micros, kind, id_key ORDER BY occurred_us, record_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before_us,
        MIN(occurred_us) OVER (
            PARTITION BY event_no, value_micros, kind, id_key, list_no ORDER BY occurred_us, record_id
            ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        ) AS own_after_us,
        MIN(occurred_us) OVER (
            PARTITION BY event_no, value_micros, kind, id_key ORDER BY occurred_us, record_id
            ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        ) AS after_us
    FROM bought
),
found AS (
    SELECT s.record_id, 1 AS finding_no
    FROM model.shared_record AS s
    JOIN winner AS w ON w.conversion_id = s.conversion_id
    JOIN record AS r ON r.record_id = s.record_id
    WHERE r.value_micros <> w.value_micros
    UNION ALL
    SELECT r.record_id, CASE WHEN i.is_shared = 1 THEN 2 ELSE 3 END AS finding_no
    FROM record AS r
    JOIN same_id AS i ON i.event_no = r.event_no AND i.event_id = r.event_id
    UNION ALL
    SELECT r.record_id, 4 AS finding_no
    FROM record AS r
    JOIN same_id_of_two AS i ON i.event_id = r.event_id
    UNION ALL
    SELECT l.record_id, 5 AS finding_no
    FROM lone AS l
    JOIN folded AS f ON f.event_no = l.event_no AND f.kind = 'event' AND f.id = LOWER(l.event_id)
    UNION ALL
    SELECT l.record_id, 5 AS finding_no
    FROM lone AS l
    JOIN folded AS f ON f.event_no = l.event_no AND f.kind = 'order' AND f.id = LOWER(l.order_id)
    UNION ALL
    SELECT record_id, 7 AS finding_no
    FROM beside
    WHERE occurred_us - own_before_us <= $span_us
       OR own_after_us - occurred_us <= $span_us
    UNION ALL
    SELECT record_id, 6 AS finding_no
    FROM beside
    WHERE (occurred_us - before_us <= $span_us OR after_us - occurred_us <= $span_us)
      AND (own_before_us IS NULL OR occurred_us - own_before_us > $span_us)
      AND (own_after_us IS NULL OR own_after_us - occurred_us > $span_us)
)
SELECT record_id, finding_no
FROM found
GROUP BY record_id, finding_no

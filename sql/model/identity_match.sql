-- Records that no event id and no order id joins to another, and that an identifier does: for pairs of lists whose rule says so.
-- grain: joined record
-- key: record_id
-- reads: model.record, model.withheld, ops.dedup_key, ops.dedup_rule
-- params: none
-- not null: first_id
--
-- Of one event and identifier the first record of a list is joined to the first of the other, the second to the second,
-- and so on, when they lie within the span: a person who buys twice is not one sale. first_id: the earliest of those
-- joined.
WITH usable AS (
    SELECT
        r.record_id, r.event_no, r.list_no, r.dataset_id, r.event_id, r.order_id, r.occurred_us,
        r.cookie_key, r.customer_key, r.email_key, r.device_key
    FROM model.record AS r
    LEFT JOIN model.withheld AS w ON w.record_id = r.record_id
    WHERE r.category = 0
      AND w.record_id IS NULL
),
joined_event AS (
    SELECT event_no, event_id FROM usable WHERE event_id IS NOT NULL GROUP BY event_no, event_id HAVING COUNT(*) > 1
),
joined_order AS (
    SELECT event_no, order_id FROM usable WHERE order_id IS NOT NULL GROUP BY event_no, order_id HAVING COUNT(*) > 1
),
lone AS (
    SELECT
        u.record_id, u.event_no, u.list_no, u.dataset_id, u.occurred_us, k.key,
        CASE k.key
            WHEN 'cookie' THEN u.cookie_key
            WHEN 'customer' THEN u.customer_key
            WHEN 'email' THEN u.email_key
            WHEN 'device' THEN u.device_key
        END AS id_key
    FROM usable AS u
    JOIN (SELECT first_list_no AS list_no, key FROM ops.dedup_key GROUP BY first_list_no, key) AS k ON k.list_no = u.list_no
    LEFT JOIN joined_event AS e ON e.event_no = u.event_no AND e.event_id = u.event_id
    LEFT JOIN joined_order AS o ON o.event_no = u.event_no AND o.order_id = u.order_id
    WHERE e.event_id IS NULL
      AND o.order_id IS NULL
),
placed AS (
    SELECT
        record_id, event_no, list_no, dataset_id, occurred_us, key, id_key,
        ROW_NUMBER() OVER (PARTITION BY event_no, list_no, key, id_key ORDER BY record_id) AS place_no
    FROM lone
    WHERE id_key IS NOT NULL
),
candidate AS (
    SELECT a.record_id AS first_id, b.record_id, b.list_no, k.key_no
    FROM placed AS a
    JOIN placed AS b ON b.event_no = a.event_no AND b.key = a.key AND b.id_key = a.id_key AND b.place_no = a.place_no
    JOIN ops.dedup_key AS k ON k.first_list_no = a.list_no AND k.second_list_no = b.list_no AND k.key = a.key
    JOIN ops.dedup_rule AS r ON r.first_list_no = a.list_no AND r.second_list_no = b.list_no
    WHERE a.record_id < b.record_id
      AND b.occurred_us - a.occurred_us <= r.span_us
      AND (r.same_dataset = 0 OR COALESCE(a.dataset_id, b.dataset_id, '') = COALESCE(b.dataset_id, a.dataset_id, ''))
),
ranked AS (
    SELECT
        record_id, first_id,
        ROW_NUMBER() OVER (PARTITION BY record_id ORDER BY key_no, first_id) AS choice_no,
        ROW_NUMBER() OVER (PARTITION BY first_id, list_no ORDER BY key_no, record_id) AS chosen_no
    FROM candidate
),
chosen AS (
    SELECT record_id, first_id
    FROM ranked
    WHERE choice_no = 1
      AND chosen_no = 1
)
SELECT c.record_id, COALESCE(d.first_id, c.first_id) AS first_id
FROM chosen AS c
LEFT JOIN chosen AS d ON d.record_id = c.first_id

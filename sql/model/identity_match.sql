-- Events that no event id and no order id joins to another event, and that an identifier does: for pairs of lists whose rule says so.
-- grain: joined record
-- key: record_id
-- reads: model.record, model.withheld, ops.dedup_key, ops.dedup_rule
-- params: none
-- not null: first_id
--
-- Two records are joined when each is the nearest of the other's list to the other: by the better key, then in time, and
-- within the span. They are not when both name an order, and another. An identifier that more than fifty records of a
-- list have is nobody's. first_id: the earliest of those joined, over at most four lists.
-- Usable records are asked for wherever they are read: one CTE of them would be kept as a copy of every text.
WITH keyed AS (
    SELECT
        u.record_id, u.event_no, u.list_no, u.dataset_id, u.event_id, u.order_id, u.occurred_us, k.key,
        CASE k.key
            WHEN 'cookie' THEN u.cookie_key
            WHEN 'customer' THEN u.customer_key
            WHEN 'email' THEN u.email_key
            WHEN 'device' THEN u.device_key
        END AS id_key
    FROM model.record AS u
    JOIN (SELECT first_list_no AS list_no, key FROM ops.dedup_key GROUP BY first_list_no, key) AS k ON k.list_no = u.list_no
    LEFT JOIN model.withheld AS w ON w.record_id = u.record_id
    WHERE u.category = 0
      AND u.list_no > 1
      AND (u.cookie_key IS NOT NULL OR u.customer_key IS NOT NULL OR u.email_key IS NOT NULL OR u.device_key IS NOT NULL)
      AND w.record_id IS NULL
),
joined_event AS (
    SELECT u.event_no, u.event_id
    FROM (SELECT event_no, event_id FROM keyed WHERE id_key IS NOT NULL GROUP BY event_no, event_id) AS k
    JOIN model.record AS u ON u.event_no = k.event_no AND u.event_id = k.event_id
    LEFT JOIN model.withheld AS w ON w.record_id = u.record_id
    WHERE u.category = 0
      AND u.list_no > 1
      AND w.record_id IS NULL
    GROUP BY u.event_no, u.event_id
    HAVING COUNT(*) > 1
),
joined_order AS (
    SELECT u.event_no, u.order_id
    FROM (SELECT event_no, order_id FROM keyed WHERE id_key IS NOT NULL GROUP BY event_no, order_id) AS k
    JOIN model.record AS u ON u.event_no = k.event_no AND u.order_id = k.order_id
    LEFT JOIN model.withheld AS w ON w.record_id = u.record_id
    WHERE u.category = 0
      AND u.list_no > 1
      AND w.record_id IS NULL
    GROUP BY u.event_no, u.order_id
    HAVING COUNT(*) > 1
),
lone AS (
    SELECT u.record_id, u.event_no, u.list_no, u.dataset_id, u.order_id, u.occurred_us, u.key, u.id_key
    FROM keyed AS u
    LEFT JOIN joined_event AS e ON e.event_no = u.event_no AND e.event_id = u.event_id
    LEFT JOIN joined_order AS o ON o.event_no = u.event_no AND o.order_id = u.order_id
    WHERE u.id_key IS NOT NULL
      AND e.event_id IS NULL
      AND o.order_id IS NULL
),
known AS (
    SELECT
        record_id, event_no, list_no, dataset_id, order_id, occurred_us, key, id_key,
        COUNT(*) OVER (PARTITION BY event_no, list_no, key, id_key) AS records
    FROM lone
),
candidate AS (
    SELECT a.record_id AS first_id, a.list_no AS first_list_no, b.record_id, b.list_no, k.key_no, b.occurred_us - a.occurred_us AS gap_us
    FROM known AS a
    JOIN known AS b ON b.event_no = a.event_no AND b.key = a.key AND b.id_key = a.id_key
    JOIN ops.dedup_key AS k ON k.first_list_no = a.list_no AND k.second_list_no = b.list_no AND k.key = a.key
    JOIN ops.dedup_rule AS r ON r.first_list_no = a.list_no AND r.second_list_no = b.list_no
    WHERE a.record_id < b.record_id
      AND a.records <= 50
      AND b.records <= 50
      AND b.occurred_us - a.occurred_us <= r.span_us
      AND COALESCE(a.order_id, b.order_id, '') = COALESCE(b.order_id, a.order_id, '')
      AND (r.same_dataset = 0 OR COALESCE(a.dataset_id, b.dataset_id, '') = COALESCE(b.dataset_id, a.dataset_id, ''))
),
both_ways AS (
    SELECT first_id AS one_id, record_id AS other_id, list_no AS other_list_no, key_no, gap_us FROM candidate
    UNION ALL
    SELECT record_id AS one_id, first_id AS other_id, first_list_no AS other_list_no, key_no, gap_us FROM candidate
),
nearest AS (
    SELECT one_id, other_id
    FROM (
        SELECT one_id, other_id, ROW_NUMBER() OVER (PARTITION BY one_id, other_list_no ORDER BY key_no, gap_us, other_id) AS choice_no
        FROM both_ways
    ) AS ranked
    WHERE choice_no = 1
),
chosen AS (
    SELECT n.one_id AS record_id, MIN(n.other_id) AS first_id
    FROM nearest AS n
    JOIN nearest AS m ON m.one_id = n.other_id AND m.other_id = n.one_id
    WHERE n.other_id < n.one_id
    GROUP BY n.one_id
),
rooted AS (
    SELECT c.record_id, COALESCE(e.first_id, d.first_id, c.first_id) AS first_id
    FROM chosen AS c
    LEFT JOIN chosen AS d ON d.record_id = c.first_id
    LEFT JOIN chosen AS e ON e.record_id = d.first_id
)
SELECT r.record_id, r.first_id
FROM rooted AS r
LEFT JOIN chosen AS c ON c.record_id = r.first_id
WHERE c.record_id IS NULL

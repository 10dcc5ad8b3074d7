-- What is wrong with a record of test traffic by itself, before a launch.
-- grain: record and finding
-- key: record_id, finding_no
-- reads: model.record, model.conversion_record, ops.event_rule, ops.event_range
-- params: span_us
--
-- Only in a model that was made with wants_test 1; adjustments and earlier states of an order are not looked at.
-- finding_no: 1 an event that is not in the dictionary; without a parameter that its event requires: 2 value,
-- 3 currency, 4 order id, 5 event id; 6 in another currency than the report's; 7 with a value outside the range of its
-- event; counted, 8 though a record with its event id or order id denied measurement, 9 though its person had denied and
-- no record of its conversion says granted; 10 the same sale again under a new id: its own list has one of its event, person
-- and value within the span in another conversion, and nobody else tells of this one. Orders have neither 9 nor 10.
WITH test AS (
    SELECT
        record_id, surface_no, event_no, category, event_id, order_id, occurred_us, stated_micros, currency,
        email_key, phone_key, customer_key, cookie_key, device_key
    FROM model.record
    WHERE category NOT IN (1, 8)
      AND is_last = 1
),
ruled AS (
    SELECT
        t.record_id, t.surface_no, t.event_id, t.order_id, t.stated_micros, t.currency,
        r.needs_value, r.needs_currency, r.needs_order_id, r.needs_event_id
    FROM test AS t
    JOIN ops.event_rule AS r ON r.event_no = t.event_no
    WHERE t.category <> 7
),
counted AS (
    SELECT
        m.record_id, m.conversion_id, m.list_no, t.surface_no, t.event_no, t.event_id, t.order_id, t.occurred_us, t.stated_micros
    FROM model.conversion_record AS m
    JOIN test AS t ON t.record_id = m.record_id
),
allowed AS (
    SELECT m.conversion_id
    FROM model.conversion_record AS m
    JOIN model.record AS r ON r.record_id = m.record_id
    WHERE r.consent_measurement = 'granted'
    GROUP BY m.conversion_id
),
person AS (
    SELECT record_id, category, occurred_us, 'email' AS kind, email_key AS id_key FROM test WHERE email_key IS NOT NULL
    UNION ALL
    SELECT record_id, category, occurred_us, 'phone' AS kind, phone_key AS id_key FROM test WHERE phone_key IS NOT NULL
    UNION ALL
    SELECT record_id, category, occurred_us, 'customer' AS kind, customer_key AS id_key FROM test WHERE customer_key IS NOT NULL
    UNION ALL
    SELECT record_id, category, occurred_us, 'cookie' AS kind, cookie_key AS id_key FROM test WHERE cookie_key IS NOT NULL
    UNION ALL
    SELECT record_id, category, occurred_us, 'device' AS kind, device_key AS id_key FROM test WHERE device_key IS NOT NULL
),
refused AS (
    SELECT kind, id_key, MIN(occurred_us) AS first_us
    FROM person
    WHERE category = 7
    GROUP BY kind, id_key
),
lone AS (
    SELECT MIN(record_id) AS record_id FROM model.conversion_record GROUP BY conversion_id HAVING COUNT(*) = 1
),
bought AS (
    SELECT c.record_id, c.conversion_id, c.list_no, c.event_no, c.occurred_us, c.stated_micros, p.kind, p.id_key
    FROM counted AS c
    JOIN person AS p ON p.record_id = c.record_id
    WHERE c.surface_no < 5 AND c.stated_micros IS NOT NULL AND p.kind IN ('email', 'phone', 'customer')
),
found AS (
    SELECT record_id, 1 AS finding_no FROM test WHERE category = 2 AND surface_no < 5
    UNION ALL
    SELECT record_id, 2 AS finding_no FROM ruled WHERE needs_value = 1 AND stated_micros IS NULL
    UNION ALL
    SELECT record_id, 3 AS finding_no FROM ruled WHERE needs_currency = 1 AND currency IS NULL
    UNION ALL
    SELECT record_id, 4 AS finding_no FROM ruled WHERE needs_order_id = 1 AND order_id IS NULL
    UNION ALL
    SELECT record_id, 5 AS finding_no FROM ruled WHERE needs_event_id = 1 AND event_id IS NULL AND surface_no < 5
    UNION ALL
    SELECT record_id, 6 AS finding_no FROM test WHERE category = 4
    UNION ALL
    SELECT t.record_id, 7 AS finding_no
    FROM test AS t
    JOIN ops.event_range AS g ON g.event_no = t.event_no
    WHERE t.category <> 7 AND (t.stated_micros < g.least_micros OR t.stated_micros > g.most_micros)
    UNION ALL
    SELECT c.record_id, 8 AS finding_no
    FROM counted AS c
    JOIN test AS d ON d.event_no = c.event_no AND d.event_id = c.event_id
    WHERE d.category = 7
    UNION ALL
    SELECT c.record_id, 8 AS finding_no
    FROM counted AS c
    JOIN test AS d ON d.event_no = c.event_no AND d.order_id = c.order_id
    WHERE d.category = 7
    UNION ALL
    SELECT c.record_id, 9 AS finding_no
    FROM counted AS c
    JOIN person AS p ON p.record_id = c.record_id
    JOIN refused AS d ON d.kind = p.kind AND d.id_key = p.id_key
    LEFT JOIN allowed AS a ON a.conversion_id = c.conversion_id
    WHERE c.surface_no < 5 AND c.occurred_us >= d.first_us AND a.conversion_id IS NULL
    UNION ALL
    SELECT b.record_id, 10 AS finding_no
    FROM bought AS b
    JOIN lone AS l ON l.record_id = b.record_id
    JOIN bought AS o ON o.list_no = b.list_no AND o.event_no = b.event_no AND o.stated_micros = b.stated_micros
        AND o.kind = b.kind AND o.id_key = b.id_key
    WHERE o.conversion_id <> b.conversion_id AND ABS(o.occurred_us - b.occurred_us) <= $span_us
)
SELECT record_id, finding_no
FROM found
GROUP BY record_id, finding_no

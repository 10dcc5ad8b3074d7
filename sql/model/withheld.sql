-- Usable records of conversions that another record of denies measurement, and their orders in any state.
-- grain: withheld record
-- key: record_id
-- reads: model.record
-- params: strictest
--
-- With strictest 1 the strictest consent holds for all records of a conversion: those that share the event and the
-- event id, or the order id, with a record that denied, and those that share one of these with them.
WITH denied AS (
    SELECT event_no, event_id, order_id FROM model.record WHERE category = 7 AND $strictest = 1
),
denied_event AS (
    SELECT event_no, event_id FROM denied WHERE event_id IS NOT NULL GROUP BY event_no, event_id
),
denied_order AS (
    SELECT event_no, order_id FROM denied WHERE order_id IS NOT NULL
    UNION
    SELECT r.event_no, r.order_id
    FROM model.record AS r
    JOIN denied_event AS d ON d.event_no = r.event_no AND d.event_id = r.event_id
    WHERE r.category = 0 AND r.order_id IS NOT NULL
),
reached AS (
    SELECT r.record_id, r.event_no, r.event_id
    FROM model.record AS r
    JOIN denied_order AS d ON d.event_no = r.event_no AND d.order_id = r.order_id
    WHERE r.category = 0
       OR r.surface_no = 5 AND r.category <> 7
),
twin AS (
    SELECT event_no, event_id FROM denied_event
    UNION
    SELECT event_no, event_id FROM reached WHERE event_id IS NOT NULL
)
SELECT record_id FROM reached
UNION
SELECT r.record_id
FROM model.record AS r
JOIN twin AS t ON t.event_no = r.event_no AND t.event_id = r.event_id
WHERE r.category = 0

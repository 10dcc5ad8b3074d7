-- The conversions that the two lists of a pair tell of, and whether each of the two tells of one once, on the same day.
-- grain: pair of lists and conversion that either tells of
-- key: pair_no, conversion_id
-- reads: ops.parity, ops.report_day, ops.crm_event, ops.list, model.conversion, model.conversion_record
-- params: none
-- not null: event_no, day_no, is_even
--
-- is_even 1: the lists do not differ in it. What differs is taken apart record by record in model.reconciled.
-- day_no: of an even one the day of both; else a day of one of them.
-- Days before the report are numbered -10000000 and those after it 10000000. What lies there altogether is left out,
-- but where one list tells of it twice; and so are events that no state of an order confirms when one of the lists is
-- the CRM's.
-- A list and a day are packed into one number: 2^25 times the list, plus 2^24, plus the day. Two units are even when
-- their numbers are 2^25 apart.
WITH confirmable AS (
    SELECT event_no FROM ops.crm_event GROUP BY event_no
),
bounds AS (
    SELECT MIN(quarter_us) AS first_us FROM ops.report_day
),
side AS (
    SELECT pair_no, 1 AS list_no, first_surface_no AS surface_no, first_platform AS platform, second_surface_no AS other_surface_no
    FROM ops.parity
    UNION ALL
    SELECT pair_no, 2 AS list_no, second_surface_no AS surface_no, second_platform AS platform, first_surface_no AS other_surface_no
    FROM ops.parity
),
deduplicated AS (
    SELECT s.pair_no, s.list_no, s.surface_no, s.other_surface_no, c.conversion_id
    FROM side AS s
    JOIN model.conversion AS c ON s.surface_no = 6
    GROUP BY s.pair_no, s.list_no, s.surface_no, s.other_surface_no, c.conversion_id
),
listed AS (
    SELECT s.pair_no, s.list_no, s.surface_no, s.other_surface_no, m.conversion_id, m.event_no, m.occurred_us
    FROM side AS s
    JOIN ops.list AS l ON l.surface_no = s.surface_no AND (s.platform IS NULL OR l.platform = s.platform)
    JOIN model.conversion_record AS m ON m.list_no = l.list_no
    UNION ALL
    SELECT c.pair_no, c.list_no, c.surface_no, c.other_surface_no, m.conversion_id, m.event_no, m.occurred_us
    FROM deduplicated AS c
    JOIN model.conversion_record AS m ON m.record_id = c.conversion_id
),
unit AS (
    SELECT
        l.pair_no, l.conversion_id, l.event_no,
        l.list_no * CAST(33554432 AS BIGINT) + 16777216
            + COALESCE(d.day_no, CASE WHEN l.occurred_us < b.first_us THEN -10000000 ELSE 10000000 END) AS place
    FROM listed AS l
    CROSS JOIN bounds AS b
    LEFT JOIN confirmable AS k ON k.event_no = l.event_no
    LEFT JOIN ops.report_day AS d ON d.quarter_us = l.occurred_us - MOD(l.occurred_us, 900000000)
    WHERE l.surface_no <> 5 AND l.other_surface_no <> 5
       OR k.event_no IS NOT NULL
       OR l.event_no = 0
)
SELECT
    pair_no,
    conversion_id,
    MIN(event_no) AS event_no,
    MOD(MIN(place), 33554432) - 16777216 AS day_no,
    CASE WHEN COUNT(*) = 2 AND MAX(place) - MIN(place) = 33554432 THEN 1 ELSE 0 END AS is_even
FROM unit
GROUP BY pair_no, conversion_id
HAVING COUNT(*) > 2
    OR ABS(MOD(MIN(place), 33554432) - 16777216) < 10000000
    OR ABS(MOD(MAX(place), 33554432) - 16777216) < 10000000

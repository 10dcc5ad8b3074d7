-- The difference between two lists by event, cause and day of the last touch, where result.gap has the day of the conversion.
-- grain: run, pair, event, day and cause
-- key: run_id, pair_no, event_no, day_no, cause
-- reads: model.meeting, model.reconciled, model.conversion_record, model.last_touch, ops.report_day
-- params: run_id, primary_us
-- not null: first_units, second_units
--
-- The touch is the last delivered one within the primary window. day_no is -1 for units without one: of conversions that
-- nobody saw an ad before, that are not attributed, or that are none. Units that both lists have on two days are in
-- both here, because they have one touch. Otherwise causes are those of result.gap, and they sum to the same difference.
WITH unit AS (
    SELECT pair_no, event_no, 0 AS cause, conversion_id, 1 AS first_units, 1 AS second_units
    FROM model.meeting
    WHERE is_even = 1
    UNION ALL
    SELECT
        c.pair_no, c.event_no, c.cause, m.conversion_id,
        CASE WHEN c.list_no = 1 THEN 1 ELSE 0 END AS first_units, CASE WHEN c.list_no = 2 THEN 1 ELSE 0 END AS second_units
    FROM model.reconciled AS c
    LEFT JOIN model.conversion_record AS m ON m.record_id = c.record_id
),
told AS (
    SELECT u.pair_no, u.event_no, u.cause, u.conversion_id, u.first_units, u.second_units, d.day_no
    FROM unit AS u
    LEFT JOIN model.last_touch AS t
        ON t.conversion_id = u.conversion_id AND t.packed < (CAST($primary_us AS BIGINT) + 1) * 65536
    LEFT JOIN ops.report_day AS d ON d.quarter_us = t.exposed_us - MOD(t.exposed_us, 900000000)
),
apart AS (
    SELECT pair_no, conversion_id
    FROM told
    WHERE cause = 2
      AND day_no IS NOT NULL
    GROUP BY pair_no, conversion_id
    HAVING MAX(first_units) = 1 AND MAX(second_units) = 1
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    t.pair_no,
    t.event_no,
    COALESCE(t.day_no, -1) AS day_no,
    CASE WHEN t.cause = 2 AND a.conversion_id IS NOT NULL THEN 0 ELSE t.cause END AS cause,
    SUM(t.first_units) AS first_units,
    SUM(t.second_units) AS second_units
FROM told AS t
LEFT JOIN apart AS a ON a.pair_no = t.pair_no AND a.conversion_id = t.conversion_id
GROUP BY
    t.pair_no,
    t.event_no,
    COALESCE(t.day_no, -1),
    CASE WHEN t.cause = 2 AND a.conversion_id IS NOT NULL THEN 0 ELSE t.cause END

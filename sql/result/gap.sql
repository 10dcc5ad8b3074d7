-- The difference between two lists, by event and day: each unit that the other list lacks stands under one cause.
-- grain: run, pair, event, day and cause
-- key: run_id, pair_no, event_no, day_no, cause
-- reads: model.meeting, model.reconciled
-- params: run_id
-- not null: first_units, second_units
--
-- cause as in model.reconciled: the first_units of a cause less its second_units is what it adds to the difference of
-- the lists, and all of them together are the difference. Units of cause 0 are in both lists.
WITH counted AS (
    SELECT pair_no, event_no, day_no, 0 AS cause, COUNT(*) AS first_units, COUNT(*) AS second_units
    FROM model.meeting
    WHERE is_even = 1
    GROUP BY pair_no, event_no, day_no
    UNION ALL
    SELECT
        pair_no, event_no, day_no, cause,
        SUM(CASE WHEN list_no = 1 THEN 1 ELSE 0 END) AS first_units, SUM(CASE WHEN list_no = 2 THEN 1 ELSE 0 END) AS second_units
    FROM model.reconciled
    GROUP BY pair_no, event_no, day_no, cause
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    pair_no,
    event_no,
    day_no,
    cause,
    SUM(first_units) AS first_units,
    SUM(second_units) AS second_units
FROM counted
GROUP BY pair_no, event_no, day_no, cause

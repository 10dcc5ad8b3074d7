-- Pairs that do not have each unit of both lists once in each of them, by the day of the touch.
-- grain: pair, event and day
-- key: pair_no, event_no, day_no
-- reads: result.gap_touch
-- params: run_id
SELECT pair_no, event_no, day_no
FROM result.gap_touch
WHERE run_id = $run_id AND cause = 0 AND first_units <> second_units

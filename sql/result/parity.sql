-- How far from each other two lists are, by event: their units, what was expected of their ratio, and the status.
-- grain: run, pair and event
-- key: run_id, pair_no, event_no
-- reads: none
-- params: none
-- not null: first_list, second_list, first_units, second_units, both_units, expected, acceptable, blocked, status, reason
--
-- status: expected, unknown, investigate or blocked. ratio: second_units to first_units, NULL where the first is empty.
-- chart_lo, chart_hi: the control limits of the ratio of a week, by the eight before the last; NULL with too few.
SELECT
    CAST(NULL AS VARCHAR) AS run_id,
    CAST(NULL AS BIGINT) AS pair_no,
    CAST(NULL AS BIGINT) AS event_no,
    CAST(NULL AS VARCHAR) AS first_list,
    CAST(NULL AS VARCHAR) AS second_list,
    CAST(NULL AS BIGINT) AS first_units,
    CAST(NULL AS BIGINT) AS second_units,
    CAST(NULL AS BIGINT) AS both_units,
    CAST(NULL AS DOUBLE PRECISION) AS expected,
    CAST(NULL AS DOUBLE PRECISION) AS acceptable,
    CAST(NULL AS DOUBLE PRECISION) AS blocked,
    CAST(NULL AS VARCHAR) AS status,
    CAST(NULL AS VARCHAR) AS reason,
    CAST(NULL AS DOUBLE PRECISION) AS ratio,
    CAST(NULL AS DOUBLE PRECISION) AS chart_lo,
    CAST(NULL AS DOUBLE PRECISION) AS chart_hi
WHERE FALSE

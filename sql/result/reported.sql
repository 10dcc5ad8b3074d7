-- What a platform reports of an event in one window, beside what was sent to it: the counts, what was expected of their ratio, and the status.
-- grain: run, list of a platform and event
-- key: run_id, list_no, event_no, unknown_name
-- reads: none
-- params: none
-- not null: platform, attribution_window, first_list, is_compared, is_logged, first_units, claimable_units, reported_micros, both_micros, moved_micros, expected, acceptable, blocked, status, reason
--
-- Counts of the platform are in millionths. unknown_name: the platform's name of an event that the dictionary does not
-- have, else ''. is_compared: 0 where the window or the event is not known; the platform's count is all that is told then.
-- first_units: records that were sent; claimable_units: those of them that the platform should count. both_micros:
-- counted by both on one day; moved_micros: besides, on the day of the touch. ratio: reported to claimable.
SELECT
    CAST(NULL AS VARCHAR) AS run_id,
    CAST(NULL AS BIGINT) AS list_no,
    CAST(NULL AS BIGINT) AS event_no,
    CAST(NULL AS VARCHAR) AS unknown_name,
    CAST(NULL AS VARCHAR) AS platform,
    CAST(NULL AS VARCHAR) AS attribution_window,
    CAST(NULL AS VARCHAR) AS first_list,
    CAST(NULL AS BIGINT) AS is_compared,
    CAST(NULL AS BIGINT) AS is_logged,
    CAST(NULL AS BIGINT) AS first_units,
    CAST(NULL AS BIGINT) AS claimable_units,
    CAST(NULL AS BIGINT) AS reported_micros,
    CAST(NULL AS BIGINT) AS both_micros,
    CAST(NULL AS BIGINT) AS moved_micros,
    CAST(NULL AS DOUBLE PRECISION) AS expected,
    CAST(NULL AS DOUBLE PRECISION) AS acceptable,
    CAST(NULL AS DOUBLE PRECISION) AS blocked,
    CAST(NULL AS VARCHAR) AS status,
    CAST(NULL AS VARCHAR) AS reason,
    CAST(NULL AS DOUBLE PRECISION) AS ratio,
    CAST(NULL AS DOUBLE PRECISION) AS chart_lo,
    CAST(NULL AS DOUBLE PRECISION) AS chart_hi
WHERE FALSE

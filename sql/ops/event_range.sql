-- Event dictionary: the values that are plausible for a canonical event, ends included.
-- grain: canonical event with a range
-- key: event_no
-- reads: none
-- params: none
-- not null: least_micros, most_micros
SELECT
    CAST(NULL AS BIGINT) AS event_no,
    CAST(NULL AS BIGINT) AS least_micros,
    CAST(NULL AS BIGINT) AS most_micros
WHERE FALSE

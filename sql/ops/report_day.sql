-- Days of the report in its time zone, by the quarter of an hour: no zone changes its clock at another moment.
-- grain: quarter of an hour
-- key: quarter_us
-- reads: none
-- params: none
-- not null: day_no
--
-- day_no counts the days since 1970-01-01. What lies in no quarter is out of the time that is reconciled.
SELECT
    CAST(NULL AS BIGINT) AS quarter_us,
    CAST(NULL AS BIGINT) AS day_no
WHERE FALSE

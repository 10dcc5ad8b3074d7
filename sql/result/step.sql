-- Days from which another share of the records of a stream carries a parameter, or states a currency.
-- grain: run, source, surface, platform, event, subject and day
-- key: run_id, source, surface_no, platform, event_no, subject, day_no
-- reads: none
-- params: none
-- not null: before_records, before_with, after_records, after_with, p
--
-- subject: a parameter, or currency: and its code. Before and after reach to the next step, or to the ends of the stream.
-- p: the probability of so large a change at any day where there is none.
SELECT
    CAST(NULL AS VARCHAR) AS run_id,
    CAST(NULL AS VARCHAR) AS source,
    CAST(NULL AS BIGINT) AS surface_no,
    CAST(NULL AS VARCHAR) AS platform,
    CAST(NULL AS BIGINT) AS event_no,
    CAST(NULL AS VARCHAR) AS subject,
    CAST(NULL AS BIGINT) AS day_no,
    CAST(NULL AS BIGINT) AS before_records,
    CAST(NULL AS BIGINT) AS before_with,
    CAST(NULL AS BIGINT) AS after_records,
    CAST(NULL AS BIGINT) AS after_with,
    CAST(NULL AS DOUBLE PRECISION) AS p
WHERE FALSE

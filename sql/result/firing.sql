-- Streams of events and orders: how many records each had, from when to when, and how unevenly they came.
-- grain: run, source, surface, platform and event
-- key: run_id, source, surface_no, platform, event_no
-- reads: none
-- params: none
-- not null: records, first_us, last_us, dispersion, is_judged
--
-- dispersion: variance to mean of the records of a day around what is expected of it, 1 when they come independently.
-- is_judged: there are records enough to tell a silence by.
SELECT
    CAST(NULL AS VARCHAR) AS run_id,
    CAST(NULL AS VARCHAR) AS source,
    CAST(NULL AS BIGINT) AS surface_no,
    CAST(NULL AS VARCHAR) AS platform,
    CAST(NULL AS BIGINT) AS event_no,
    CAST(NULL AS BIGINT) AS records,
    CAST(NULL AS BIGINT) AS first_us,
    CAST(NULL AS BIGINT) AS last_us,
    CAST(NULL AS DOUBLE PRECISION) AS dispersion,
    CAST(NULL AS BIGINT) AS is_judged
WHERE FALSE

-- Share of the records of a list that carry an identifier which the CRM or the identity graph has too, with its interval.
-- grain: run, list and event
-- key: run_id, surface_no, platform, event_no
-- reads: none
-- params: none
-- not null: records, carrying, joined, share, lo, hi, level
SELECT
    CAST(NULL AS VARCHAR) AS run_id,
    CAST(NULL AS BIGINT) AS surface_no,
    CAST(NULL AS VARCHAR) AS platform,
    CAST(NULL AS BIGINT) AS event_no,
    CAST(NULL AS BIGINT) AS records,
    CAST(NULL AS BIGINT) AS carrying,
    CAST(NULL AS BIGINT) AS joined,
    CAST(NULL AS DOUBLE PRECISION) AS share,
    CAST(NULL AS DOUBLE PRECISION) AS lo,
    CAST(NULL AS DOUBLE PRECISION) AS hi,
    CAST(NULL AS DOUBLE PRECISION) AS level
WHERE FALSE

-- Silences of a stream that are longer than chance makes them, in whole hours.
-- grain: run, source, surface, platform, event and beginning
-- key: run_id, source, surface_no, platform, event_no, from_us
-- reads: none
-- params: none
-- not null: until_us, kind, expected, p, others, others_p
--
-- kind: hole, began or ended; the stream began after the silence, or ended before it. others: records of the same event
-- that other streams had meanwhile, others_p the probability that chance alone gave this stream none of them.
-- expected: records that would have come meanwhile. p: the probability of so long a silence anywhere in the stream.
SELECT
    CAST(NULL AS VARCHAR) AS run_id,
    CAST(NULL AS VARCHAR) AS source,
    CAST(NULL AS BIGINT) AS surface_no,
    CAST(NULL AS VARCHAR) AS platform,
    CAST(NULL AS BIGINT) AS event_no,
    CAST(NULL AS BIGINT) AS from_us,
    CAST(NULL AS BIGINT) AS until_us,
    CAST(NULL AS VARCHAR) AS kind,
    CAST(NULL AS DOUBLE PRECISION) AS expected,
    CAST(NULL AS DOUBLE PRECISION) AS p,
    CAST(NULL AS BIGINT) AS others,
    CAST(NULL AS DOUBLE PRECISION) AS others_p
WHERE FALSE

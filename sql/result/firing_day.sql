-- Records of a day of a stream, and how many its own history lets expect.
-- grain: run, source, surface, platform, event and day
-- key: run_id, source, surface_no, platform, event_no, day_no
-- reads: none
-- params: none
-- not null: records, expected, is_low
--
-- is_low: fewer than chance makes of what is expected; days with a silence are not asked.
SELECT
    CAST(NULL AS VARCHAR) AS run_id,
    CAST(NULL AS VARCHAR) AS source,
    CAST(NULL AS BIGINT) AS surface_no,
    CAST(NULL AS VARCHAR) AS platform,
    CAST(NULL AS BIGINT) AS event_no,
    CAST(NULL AS BIGINT) AS day_no,
    CAST(NULL AS BIGINT) AS records,
    CAST(NULL AS DOUBLE PRECISION) AS expected,
    CAST(NULL AS BIGINT) AS is_low
WHERE FALSE

-- Rows and seconds of each stage of a run.
-- grain: stage of an attempt
-- key: attempt_id, stage_no
-- reads: none
-- params: none
-- not null: stage, row_count, seconds
SELECT
    CAST(NULL AS VARCHAR) AS attempt_id,
    CAST(NULL AS BIGINT) AS stage_no,
    CAST(NULL AS VARCHAR) AS stage,
    CAST(NULL AS BIGINT) AS row_count,
    CAST(NULL AS DOUBLE) AS seconds
WHERE FALSE

-- Attribution windows of the study's grid.
-- grain: attribution window
-- key: window_us
-- reads: none
-- params: none
-- not null: window_no, label
SELECT
    CAST(NULL AS BIGINT) AS window_no,
    CAST(NULL AS BIGINT) AS window_us,
    CAST(NULL AS VARCHAR) AS label
WHERE FALSE

-- Match windows of the study by link type; a lower rank is preferred.
-- grain: link type
-- key: link_type
-- reads: none
-- params: none
-- not null: link_rank, window_us
SELECT
    CAST(NULL AS BIGINT) AS link_rank,
    CAST(NULL AS VARCHAR) AS link_type,
    CAST(NULL AS BIGINT) AS window_us
WHERE FALSE

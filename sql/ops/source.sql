-- Number of every source in the workspace, in the order of their names.
-- grain: source
-- key: source_no
-- reads: none
-- params: none
-- not null: source
SELECT
    CAST(NULL AS BIGINT) AS source_no,
    CAST(NULL AS VARCHAR) AS source
WHERE FALSE

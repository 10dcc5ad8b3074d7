-- One row per engine version that has opened this warehouse for writing.
-- grain: engine version
-- key: engine_version
-- reads: none
-- params: none
-- not null: storage_version, layout
SELECT
    CAST(NULL AS VARCHAR) AS engine_version,
    CAST(NULL AS VARCHAR) AS storage_version,
    CAST(NULL AS BIGINT) AS layout
WHERE FALSE

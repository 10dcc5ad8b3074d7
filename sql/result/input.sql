-- Files a reported run was made of, with their balance.
-- grain: run and content of a file
-- key: run_id, source, path, sha256
-- reads: none
-- params: none
-- not null: records, loaded, duplicate, quarantined, blank
SELECT
    CAST(NULL AS VARCHAR) AS run_id,
    CAST(NULL AS VARCHAR) AS source,
    CAST(NULL AS VARCHAR) AS path,
    CAST(NULL AS VARCHAR) AS sha256,
    CAST(NULL AS BIGINT) AS records,
    CAST(NULL AS BIGINT) AS loaded,
    CAST(NULL AS BIGINT) AS duplicate,
    CAST(NULL AS BIGINT) AS quarantined,
    CAST(NULL AS BIGINT) AS blank
WHERE FALSE

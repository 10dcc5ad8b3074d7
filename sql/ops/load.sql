-- Registry of loaded files, with what became of their records.
-- grain: file of a source
-- key: file_id
-- reads: none
-- params: none
-- not null: source, path, sha256, bytes, records, loaded, duplicate, quarantined, blank, state, run_id
SELECT
    CAST(NULL AS BIGINT) AS file_id,
    CAST(NULL AS VARCHAR) AS source,
    CAST(NULL AS VARCHAR) AS path,
    CAST(NULL AS VARCHAR) AS sha256,
    CAST(NULL AS BIGINT) AS bytes,
    CAST(NULL AS BIGINT) AS records,
    CAST(NULL AS BIGINT) AS loaded,
    CAST(NULL AS BIGINT) AS duplicate,
    CAST(NULL AS BIGINT) AS quarantined,
    CAST(NULL AS BIGINT) AS blank,
    CAST(NULL AS BIGINT) AS first_us,
    CAST(NULL AS BIGINT) AS last_us,
    CAST(NULL AS VARCHAR) AS state,
    CAST(NULL AS VARCHAR) AS first_error,
    CAST(NULL AS VARCHAR) AS run_id,
    CAST(NULL AS VARCHAR) AS version,
    CAST(NULL AS VARCHAR) AS cursor_value
WHERE FALSE

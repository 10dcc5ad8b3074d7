-- Registry of loaded files, with what became of their records.
-- grain: file of a source
-- key: file_id
-- reads: none
-- params: none
-- not null: source, path, sha256, bytes, records, loaded, duplicate, quarantined, blank, state, run_id, pack, key_id, norm_version
--
-- pack: format that the file was read by; pack_version is NULL for csv, jsonl and parquet. extra_columns: JSON list of
-- the columns that the file has and the mapping does not name, NULL when there are none. column_types: JSON of the mapped columns and their types, of Parquet only.
-- modified_us: when the file was last written, as its folder or store says, NULL for standard input and queries.
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
    CAST(NULL AS VARCHAR) AS pack,
    CAST(NULL AS BIGINT) AS pack_version,
    CAST(NULL AS VARCHAR) AS key_id,
    CAST(NULL AS BIGINT) AS norm_version,
    CAST(NULL AS VARCHAR) AS extra_columns,
    CAST(NULL AS VARCHAR) AS column_types,
    CAST(NULL AS VARCHAR) AS version,
    CAST(NULL AS VARCHAR) AS cursor_value,
    CAST(NULL AS BIGINT) AS modified_us
WHERE FALSE

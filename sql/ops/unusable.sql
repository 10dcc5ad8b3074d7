-- Optional identifiers that could not be used: the record was loaded without them.
-- grain: file, column and rule
-- key: file_id, column_name, rule
-- reads: none
-- params: none
-- not null: source, records
SELECT
    CAST(NULL AS BIGINT) AS file_id,
    CAST(NULL AS VARCHAR) AS source,
    CAST(NULL AS VARCHAR) AS column_name,
    CAST(NULL AS VARCHAR) AS rule,
    CAST(NULL AS BIGINT) AS records
WHERE FALSE

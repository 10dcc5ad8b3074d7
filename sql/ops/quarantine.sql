-- Records that were refused, with the place and the rule that refused them.
-- grain: refused record and rule
-- key: file_id, line_no, column_name, rule, ordinal
-- reads: none
-- params: none
-- not null: source, excerpt
--
-- byte_offset: where the record begins in the text of the file (decompressed), NULL for Parquet.
SELECT
    CAST(NULL AS BIGINT) AS file_id,
    CAST(NULL AS BIGINT) AS line_no,
    CAST(NULL AS BIGINT) AS ordinal,
    CAST(NULL AS VARCHAR) AS source,
    CAST(NULL AS VARCHAR) AS column_name,
    CAST(NULL AS VARCHAR) AS rule,
    CAST(NULL AS VARCHAR) AS excerpt,
    CAST(NULL AS BIGINT) AS byte_offset
WHERE FALSE

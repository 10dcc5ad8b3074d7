-- Further identifiers of events, orders and links: other values that a record lists, and raw values as other platforms hash them.
-- grain: file, record, identifier and the rule it was hashed under
-- key: file_id, table_name, row_key, id_type, id_key
-- reads: stage_identifier
-- params: source, file_id
-- not null: source, hash_rule
--
-- Keys of different hash rules differ even where the hashes do not, so that only what was hashed alike is joined.
SELECT
    CAST($source AS VARCHAR) AS source,
    table_name,
    row_key,
    id_type,
    hash_rule,
    id_key,
    CAST($file_id AS BIGINT) AS file_id
FROM stage_identifier
GROUP BY table_name, row_key, id_type, hash_rule, id_key

-- Identifiers of erased persons, by a digest of their stored key: rows that carry one are refused by every load.
-- grain: identifier
-- key: id_type, digest
-- reads: none
-- params: none
-- not null: key_rules, after_attempt
--
-- The key itself is kept nowhere; after_attempt is the newest run before the erasure.
SELECT
    CAST(NULL AS VARCHAR) AS id_type,
    CAST(NULL AS VARCHAR) AS digest,
    CAST(NULL AS VARCHAR) AS key_rules,
    CAST(NULL AS VARCHAR) AS after_attempt
WHERE FALSE

-- Fingerprint of the key that all stored identifiers were keyed with.
-- grain: key
-- key: key_id
-- reads: none
-- params: none
SELECT
    CAST(NULL AS VARCHAR) AS key_id
WHERE FALSE

-- Erasures of persons, each with its receipt, which names nobody.
-- grain: erasure
-- key: erasure_id
-- reads: none
-- params: none
-- not null: receipt, is_finished
--
-- An erasure is finished when the file was written anew, so that its free space holds nothing either.
SELECT
    CAST(NULL AS VARCHAR) AS erasure_id,
    CAST(NULL AS VARCHAR) AS receipt,
    CAST(NULL AS BOOLEAN) AS is_finished
WHERE FALSE

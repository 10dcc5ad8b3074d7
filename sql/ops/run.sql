-- Ledger of runs: what was asked for, what it was made of, and how it ended.
-- grain: attempt at a run
-- key: attempt_id
-- reads: none
-- params: none
-- not null: run_id, study, as_of, config_sha256, code_version, engine_version, state, started_at
SELECT
    CAST(NULL AS VARCHAR) AS attempt_id,
    CAST(NULL AS VARCHAR) AS run_id,
    CAST(NULL AS VARCHAR) AS study,
    CAST(NULL AS TIMESTAMP) AS interval_start,
    CAST(NULL AS TIMESTAMP) AS as_of,
    CAST(NULL AS VARCHAR) AS config_sha256,
    CAST(NULL AS VARCHAR) AS inputs_sha256,
    CAST(NULL AS VARCHAR) AS engine_version,
    CAST(NULL AS VARCHAR) AS code_version,
    CAST(NULL AS VARCHAR) AS state,
    CAST(NULL AS VARCHAR) AS error,
    CAST(NULL AS TIMESTAMP) AS started_at,
    CAST(NULL AS TIMESTAMP) AS finished_at,
    CAST(NULL AS VARCHAR) AS report
WHERE FALSE

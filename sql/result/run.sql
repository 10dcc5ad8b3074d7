-- Reported runs: the study as it stood, the as-of and what the numbers were made of.
-- grain: run
-- key: run_id
-- reads: none
-- params: none
-- not null: study, title, unit, as_of_us, from_us, until_us, outcome_window, level, currency, time_zone, primary_window, config_sha256, dictionary_sha256, inputs_sha256, code_version, engine_version
SELECT
    CAST(NULL AS VARCHAR) AS run_id,
    CAST(NULL AS VARCHAR) AS study,
    CAST(NULL AS VARCHAR) AS title,
    CAST(NULL AS VARCHAR) AS unit,
    CAST(NULL AS BIGINT) AS as_of_us,
    CAST(NULL AS BIGINT) AS from_us,
    CAST(NULL AS BIGINT) AS until_us,
    CAST(NULL AS VARCHAR) AS outcome_window,
    CAST(NULL AS DOUBLE PRECISION) AS level,
    CAST(NULL AS VARCHAR) AS currency,
    CAST(NULL AS VARCHAR) AS time_zone,
    CAST(NULL AS VARCHAR) AS attribution_event,
    CAST(NULL AS VARCHAR) AS primary_window,
    CAST(NULL AS VARCHAR) AS config_sha256,
    CAST(NULL AS VARCHAR) AS dictionary_sha256,
    CAST(NULL AS VARCHAR) AS inputs_sha256,
    CAST(NULL AS VARCHAR) AS code_version,
    CAST(NULL AS VARCHAR) AS engine_version,
    CAST(NULL AS VARCHAR) AS verdict,
    CAST(NULL AS VARCHAR) AS sentence,
    CAST(NULL AS VARCHAR) AS reasons
WHERE FALSE

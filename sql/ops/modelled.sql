-- What model.* holds now: the study, as-of, configuration and inputs it was built for; empty while it is being built.
-- grain: the model
-- key: study
-- reads: none
-- params: none
-- not null: as_of_us, config_sha256, inputs_sha256
SELECT
    CAST(NULL AS VARCHAR) AS study,
    CAST(NULL AS BIGINT) AS as_of_us,
    CAST(NULL AS VARCHAR) AS config_sha256,
    CAST(NULL AS VARCHAR) AS inputs_sha256
WHERE FALSE

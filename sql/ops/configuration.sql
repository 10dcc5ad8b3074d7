-- What the configurations of runs said, so that a later run can tell what was changed.
-- grain: study and its configuration
-- key: study, config_sha256
-- reads: none
-- params: none
-- not null: settings, events
--
-- settings (the study, the sources, the retention and the packs) and events: JSON with every default written out. Neither keys nor secrets are in them.
SELECT
    CAST(NULL AS VARCHAR) AS study,
    CAST(NULL AS VARCHAR) AS config_sha256,
    CAST(NULL AS VARCHAR) AS settings,
    CAST(NULL AS VARCHAR) AS events
WHERE FALSE

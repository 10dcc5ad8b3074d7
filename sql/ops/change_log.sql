-- Changes of the measurement that runs found against the report before them; what is recorded by hand stands in the study.
-- grain: change that a run found
-- key: run_id, change_no
-- reads: none
-- params: none
-- not null: study, as_of_us, kind, what
--
-- What a run found stays as it was when the run was first published. old and new: as the configuration writes them, NULL
-- where there is none.
SELECT
    CAST(NULL AS VARCHAR) AS run_id,
    CAST(NULL AS BIGINT) AS change_no,
    CAST(NULL AS VARCHAR) AS study,
    CAST(NULL AS BIGINT) AS as_of_us,
    CAST(NULL AS VARCHAR) AS kind,
    CAST(NULL AS VARCHAR) AS what,
    CAST(NULL AS VARCHAR) AS source,
    CAST(NULL AS VARCHAR) AS old_value,
    CAST(NULL AS VARCHAR) AS new_value
WHERE FALSE

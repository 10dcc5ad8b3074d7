-- Changes of the measurement up to the as-of, recorded in the study or found by the engine.
-- grain: run and change
-- key: run_id, change_no
-- reads: none
-- params: none
-- not null: at_us, kind, what, origin, is_new
--
-- kind: tag_release, window_edit, dictionary_version, graph_refresh, dedup_rule, step_change or other. origin: recorded or
-- found. at_us: when it took effect; of what is found against an earlier report, the as-of of the first report with it.
-- is_new: this run found it.
SELECT
    CAST(NULL AS VARCHAR) AS run_id,
    CAST(NULL AS BIGINT) AS change_no,
    CAST(NULL AS BIGINT) AS at_us,
    CAST(NULL AS VARCHAR) AS kind,
    CAST(NULL AS VARCHAR) AS what,
    CAST(NULL AS VARCHAR) AS source,
    CAST(NULL AS VARCHAR) AS origin,
    CAST(NULL AS VARCHAR) AS old_value,
    CAST(NULL AS VARCHAR) AS new_value,
    CAST(NULL AS BIGINT) AS is_new
WHERE FALSE

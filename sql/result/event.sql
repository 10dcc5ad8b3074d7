-- Canonical events of a reported run.
-- grain: run and event
-- key: run_id, event_no
-- reads: none
-- params: none
-- not null: event
SELECT
    CAST(NULL AS VARCHAR) AS run_id,
    CAST(NULL AS BIGINT) AS event_no,
    CAST(NULL AS VARCHAR) AS event
WHERE FALSE

-- Weeks in which the share of records with an identifier, or with one that joins, fell below that of the weeks before.
-- grain: run, list, event, identifier and what fell
-- key: run_id, surface_no, platform, event_no, id_type, what
-- reads: none
-- params: none
-- not null: week_day_no, before_found, before_records, found, records, lasts
--
-- what: carrying, in_crm or in_graph. before: the weeks that it is held against, together. lasts: no later week is as before.
SELECT
    CAST(NULL AS VARCHAR) AS run_id,
    CAST(NULL AS BIGINT) AS surface_no,
    CAST(NULL AS VARCHAR) AS platform,
    CAST(NULL AS BIGINT) AS event_no,
    CAST(NULL AS VARCHAR) AS id_type,
    CAST(NULL AS VARCHAR) AS what,
    CAST(NULL AS BIGINT) AS week_day_no,
    CAST(NULL AS BIGINT) AS before_found,
    CAST(NULL AS BIGINT) AS before_records,
    CAST(NULL AS BIGINT) AS found,
    CAST(NULL AS BIGINT) AS records,
    CAST(NULL AS BIGINT) AS lasts
WHERE FALSE

-- Names of events that differ from an alias of the dictionary in capitals only.
-- grain: platform and name
-- key: platform, event_name
-- reads: none
-- params: none
-- not null: event_no
SELECT
    CAST(NULL AS VARCHAR) AS platform,
    CAST(NULL AS VARCHAR) AS event_name,
    CAST(NULL AS BIGINT) AS event_no
WHERE FALSE

-- Event dictionary: the names under which platforms send a canonical event on each surface.
-- grain: platform, surface and name
-- key: platform, surface, event_name
-- reads: none
-- params: none
-- not null: event_no
SELECT
    CAST(NULL AS VARCHAR) AS platform,
    CAST(NULL AS VARCHAR) AS surface,
    CAST(NULL AS VARCHAR) AS event_name,
    CAST(NULL AS BIGINT) AS event_no
WHERE FALSE

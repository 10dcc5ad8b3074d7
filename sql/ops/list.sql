-- Lists of records that there are: one for each surface and platform, and the CRM's, which has no platform.
-- grain: list
-- key: list_no
-- reads: none
-- params: none
-- not null: surface_no, surface
--
-- surface_no as in model.record.
SELECT
    CAST(NULL AS BIGINT) AS list_no,
    CAST(NULL AS BIGINT) AS surface_no,
    CAST(NULL AS VARCHAR) AS surface,
    CAST(NULL AS VARCHAR) AS platform
WHERE FALSE

-- Pairs of lists that are reconciled with each other: what one surface, and of it one platform, tells.
-- grain: pair
-- key: pair_no
-- reads: none
-- params: none
-- not null: first_surface_no, second_surface_no, has_crm
--
-- The first list is the one nearer to the sale. A platform that is NULL is every platform. surface_no as in
-- model.record, and 6 for the deduplicated conversions. has_crm: some order of the CRM is there to confirm an event.
SELECT
    CAST(NULL AS BIGINT) AS pair_no,
    CAST(NULL AS BIGINT) AS first_surface_no,
    CAST(NULL AS VARCHAR) AS first_platform,
    CAST(NULL AS BIGINT) AS second_surface_no,
    CAST(NULL AS VARCHAR) AS second_platform,
    CAST(NULL AS BIGINT) AS has_crm
WHERE FALSE

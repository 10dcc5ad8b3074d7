-- How many records of an app version carry each parameter: the ten most frequent of a stream, and the rest.
-- grain: run, source, surface, platform, event and app version, the rest as one
-- key: run_id, source, surface_no, platform, event_no, version_no
-- reads: model.record_hour, ops.source
-- params: run_id
-- not null: app_version, versions, first_us, records, with_value, with_currency, with_order_id, with_event_id
--
-- version_no: 1 to 10 by records, then by name; 11 is the rest, which has no name. Records that state none, and test
-- traffic, are left out. first_us: when the first record of the version occurred.
WITH stated AS (
    SELECT
        s.source, h.surface_no, h.platform, h.event_no, h.app_version,
        SUM(h.records) AS records,
        SUM(h.with_value) AS with_value,
        SUM(CASE WHEN h.currency = '' THEN 0 ELSE h.records END) AS with_currency,
        SUM(h.with_order_id) AS with_order_id,
        SUM(h.with_event_id) AS with_event_id,
        MIN(h.first_us) AS first_us
    FROM model.record_hour AS h
    JOIN ops.source AS s ON s.source_no = h.source_no
    WHERE h.is_test = 0
      AND h.app_version <> ''
    GROUP BY s.source, h.surface_no, h.platform, h.event_no, h.app_version
),
ranked AS (
    SELECT
        source, surface_no, platform, event_no, app_version, records, with_value, with_currency, with_order_id, with_event_id, first_us,
        ROW_NUMBER() OVER (PARTITION BY source, surface_no, platform, event_no ORDER BY records DESC, app_version) AS place
    FROM stated
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    source,
    surface_no,
    platform,
    event_no,
    version_no,
    MIN(CASE WHEN version_no > 10 THEN '' ELSE app_version END) AS app_version,
    COUNT(*) AS versions,
    MIN(first_us) AS first_us,
    CAST(SUM(records) AS BIGINT) AS records,
    CAST(SUM(with_value) AS BIGINT) AS with_value,
    CAST(SUM(with_currency) AS BIGINT) AS with_currency,
    CAST(SUM(with_order_id) AS BIGINT) AS with_order_id,
    CAST(SUM(with_event_id) AS BIGINT) AS with_event_id
FROM (
    SELECT
        source, surface_no, platform, event_no, app_version, records, with_value, with_currency, with_order_id, with_event_id, first_us,
        CASE WHEN place > 10 THEN 11 ELSE place END AS version_no
    FROM ranked
) AS cut
GROUP BY source, surface_no, platform, event_no, version_no

-- Names of events that the dictionary does not know: the ten most frequent of each source and platform, and the rest.
-- grain: run, source, platform and name, the rest as one
-- key: run_id, source, platform, name_no
-- reads: model.record, ops.source
-- params: run_id
-- not null: event_name, names, records
--
-- name_no: 1 to 10 by records, then by name; 11 is the rest, which has no name.
WITH named AS (
    SELECT s.source, r.platform, r.unknown_name, COUNT(*) AS records
    FROM model.record AS r
    JOIN ops.source AS s ON s.source_no = r.source_no
    WHERE r.category = 2
      AND r.surface_no < 5
    GROUP BY s.source, r.platform, r.unknown_name
),
ranked AS (
    SELECT
        source, platform, unknown_name, records,
        ROW_NUMBER() OVER (PARTITION BY source, platform ORDER BY records DESC, unknown_name) AS place
    FROM named
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    source,
    platform,
    name_no,
    MIN(CASE WHEN name_no > 10 THEN '' ELSE unknown_name END) AS event_name,
    COUNT(*) AS names,
    CAST(SUM(records) AS BIGINT) AS records
FROM (
    SELECT source, platform, unknown_name, records, CASE WHEN place > 10 THEN 11 ELSE place END AS name_no
    FROM ranked
) AS cut
GROUP BY source, platform, name_no

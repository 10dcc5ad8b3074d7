-- What became of every record: each ends in exactly one category, so that the categories of a source add up to its records.
-- grain: run, source, surface, event and category
-- key: run_id, source, surface_no, event_no, category
-- reads: model.record, model.withheld, model.conversion_record, model.conversion, model.match, model.uncounted, model.unit, ops.source, ops.metric
-- params: run_id, outcome_us
-- not null: records
--
-- Of the pixel, server, app and analytics records of one conversion the first is kept and the others are duplicates;
-- an order of the CRM is never a duplicate of an event.
WITH kept AS (
    SELECT m.conversion_id, MIN(m.record_id) AS record_id
    FROM model.conversion_record AS m
    JOIN model.record AS r ON r.record_id = m.record_id
    WHERE r.surface_no < 5
    GROUP BY m.conversion_id
),
measured AS (
    SELECT c.conversion_id, MAX(CASE WHEN n.conversion_id IS NULL THEN 1 ELSE 0 END) AS is_counted
    FROM model.conversion AS c
    JOIN ops.metric AS m ON m.event_no = c.event_no
    LEFT JOIN model.uncounted AS n ON n.metric_no = m.metric_no AND n.conversion_id = c.conversion_id
    WHERE c.is_pixel * m.use_pixel + c.is_server * m.use_server + c.is_app * m.use_app
        + c.is_analytics * m.use_analytics + c.is_crm * m.use_crm > 0
    GROUP BY c.conversion_id
),
fated AS (
    SELECT
        r.source_no,
        r.surface_no,
        r.event_no,
        CASE
            WHEN r.category = 1 THEN 'staging'
            WHEN r.category = 2 THEN 'undefined_event'
            WHEN r.category = 3 THEN 'missing_parameters'
            WHEN r.category = 4 THEN 'other_currency'
            WHEN r.category = 5 THEN 'superseded'
            WHEN r.category = 6 THEN 'not_verified'
            WHEN r.category = 7 OR w.record_id IS NOT NULL THEN 'consent_denied'
            WHEN r.category = 8 THEN 'adjustment'
            WHEN r.surface_no < 5 AND k.record_id <> r.record_id THEN 'duplicate'
            WHEN c.conversion_id IS NULL THEN 'unproven'
            WHEN x.household_id IS NULL THEN 'unmatched'
            WHEN u.household_id IS NULL THEN 'not_in_study'
            WHEN c.converted_us <= u.assigned_us OR c.converted_us - u.assigned_us > $outcome_us THEN 'outside_window'
            WHEN q.conversion_id IS NULL THEN 'no_metric'
            WHEN q.is_counted = 0 THEN 'not_the_first'
            ELSE 'counted'
        END AS category
    FROM model.record AS r
    LEFT JOIN model.withheld AS w ON w.record_id = r.record_id
    LEFT JOIN model.conversion_record AS m ON m.record_id = r.record_id
    LEFT JOIN kept AS k ON k.conversion_id = m.conversion_id
    LEFT JOIN model.conversion AS c ON c.conversion_id = m.conversion_id
    LEFT JOIN model.match AS x ON x.conversion_id = m.conversion_id
    LEFT JOIN model.unit AS u ON u.household_id = x.household_id
    LEFT JOIN measured AS q ON q.conversion_id = m.conversion_id
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    s.source,
    f.surface_no,
    f.event_no,
    f.category,
    COUNT(*) AS records
FROM fated AS f
JOIN ops.source AS s ON s.source_no = f.source_no
GROUP BY s.source, f.surface_no, f.event_no, f.category

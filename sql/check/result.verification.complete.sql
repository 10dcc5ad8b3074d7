-- Events whose conversions, or whose orders in their last state, do not have one state of payment each.
-- grain: list and event
-- key: surface_no, event_no
-- reads: model.conversion, model.record, model.withheld, ops.crm_event, result.verification
-- params: run_id
WITH confirmable AS (
    SELECT event_no FROM ops.crm_event GROUP BY event_no
),
counted AS (
    SELECT 6 AS surface_no, c.event_no, COUNT(*) AS units
    FROM model.conversion AS c
    JOIN confirmable AS k ON k.event_no = c.event_no
    GROUP BY c.event_no
    UNION ALL
    SELECT 5 AS surface_no, r.event_no, COUNT(*) AS units
    FROM model.record AS r
    JOIN confirmable AS k ON k.event_no = r.event_no
    LEFT JOIN model.withheld AS w ON w.record_id = r.record_id
    WHERE r.surface_no = 5 AND r.is_last = 1 AND r.category <> 7 AND w.record_id IS NULL
    GROUP BY r.event_no
)
SELECT n.surface_no, n.event_no
FROM counted AS n
LEFT JOIN (
    SELECT surface_no, event_no, SUM(units) AS units
    FROM result.verification
    WHERE run_id = $run_id
    GROUP BY surface_no, event_no
) AS v ON v.surface_no = n.surface_no AND v.event_no = n.event_no
WHERE v.units IS NULL OR v.units <> n.units

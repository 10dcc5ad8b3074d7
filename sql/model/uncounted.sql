-- Matched conversions that the counting rule of their event leaves out of a metric or of attribution, because the unit's first counts.
-- grain: metric and conversion left out of it
-- key: metric_no, conversion_id
-- reads: ops.metric, ops.event_rule, ops.report_day, model.conversion, model.match, model.unit
-- params: event_no, use_pixel, use_server, use_app, use_analytics, use_crm, from_us, outcome_us
--
-- metric_no 0 is attribution, which counts from the study's start; a metric counts inside the unit's outcome window.
-- Only conversions of the surfaces that a metric is taken from push each other out. A day is the
-- report's, and where the report has none UTC's, told apart by its sign.
WITH counting AS (
    SELECT m.metric_no, m.event_no, r.counting_no, m.use_pixel, m.use_server, m.use_app, m.use_analytics, m.use_crm
    FROM ops.metric AS m
    JOIN ops.event_rule AS r ON r.event_no = m.event_no
    WHERE r.counting_no > 0
    UNION ALL
    SELECT 0 AS metric_no, event_no, counting_no, $use_pixel, $use_server, $use_app, $use_analytics, $use_crm
    FROM ops.event_rule
    WHERE event_no = $event_no AND counting_no > 0
),
placed AS (
    SELECT
        m.metric_no,
        c.conversion_id,
        ROW_NUMBER() OVER (
            PARTITION BY m.metric_no, x.household_id, CASE WHEN m.counting_no = 1 THEN COALESCE(d.day_no, MOD(c.converted_us, 86400000000) - c.converted_us - 1) ELSE 0 END
            ORDER BY c.converted_us, c.conversion_id
        ) AS place_no
    FROM counting AS m
    JOIN model.conversion AS c ON c.event_no = m.event_no
    JOIN model.match AS x ON x.conversion_id = c.conversion_id
    LEFT JOIN ops.report_day AS d ON d.quarter_us = c.converted_us - MOD(c.converted_us, 900000000)
    LEFT JOIN model.unit AS u ON u.household_id = x.household_id
    WHERE c.is_pixel * m.use_pixel + c.is_server * m.use_server + c.is_app * m.use_app
        + c.is_analytics * m.use_analytics + c.is_crm * m.use_crm > 0
      AND CASE
          WHEN m.metric_no = 0 THEN c.converted_us >= $from_us
          ELSE c.converted_us > u.assigned_us AND c.converted_us - u.assigned_us <= $outcome_us
      END
)
SELECT metric_no, conversion_id
FROM placed
WHERE place_no > 1

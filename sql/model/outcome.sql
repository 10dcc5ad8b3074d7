-- What each assigned household did inside its outcome window, by metric; households without a conversion have no row.
-- grain: household and metric with a conversion
-- key: household_id, metric_no
-- reads: model.unit, model.match, model.conversion, model.uncounted, ops.metric
-- params: outcome_us
-- not null: arm_no, conversions, value_micros
--
-- Anchored on the assignment, never on an exposure, so that every arm is counted alike.
SELECT
    u.household_id,
    m.metric_no,
    MIN(u.arm_no) AS arm_no,
    COUNT(*) AS conversions,
    CAST(SUM(COALESCE(c.value_micros, 0)) AS BIGINT) AS value_micros
FROM model.unit AS u
JOIN model.match AS x ON x.household_id = u.household_id
JOIN model.conversion AS c ON c.conversion_id = x.conversion_id
JOIN ops.metric AS m ON m.event_no = c.event_no
LEFT JOIN model.uncounted AS n ON n.metric_no = m.metric_no AND n.conversion_id = c.conversion_id
WHERE c.converted_us > u.assigned_us
  AND c.converted_us - u.assigned_us <= $outcome_us
  AND c.is_pixel * m.use_pixel + c.is_server * m.use_server + c.is_app * m.use_app
    + c.is_analytics * m.use_analytics + c.is_crm * m.use_crm > 0
  AND n.conversion_id IS NULL
GROUP BY u.household_id, m.metric_no

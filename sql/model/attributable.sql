-- Matched conversions of the attributed event that its counting rule counts, as attribution joins them to touches.
-- grain: matched conversion that counts
-- key: conversion_id
-- reads: model.conversion, model.match, model.uncounted
-- params: event_no, use_pixel, use_server, use_app, use_analytics, use_crm
-- not null: household_id, converted_us, gap_us, value_micros
SELECT
    c.conversion_id,
    m.household_id,
    c.converted_us,
    m.gap_us,
    COALESCE(c.value_micros, 0) AS value_micros
FROM model.conversion AS c
JOIN model.match AS m ON m.conversion_id = c.conversion_id
LEFT JOIN model.uncounted AS n ON n.metric_no = 0 AND n.conversion_id = c.conversion_id
WHERE c.event_no = $event_no
  AND c.is_pixel * $use_pixel + c.is_server * $use_server + c.is_app * $use_app
    + c.is_analytics * $use_analytics + c.is_crm * $use_crm > 0
  AND n.conversion_id IS NULL
ORDER BY m.household_id, c.converted_us, c.conversion_id

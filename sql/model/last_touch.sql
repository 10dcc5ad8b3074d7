-- Last delivered touch before every matched conversion, for all attribution windows at once.
-- grain: conversion with a touch inside the widest window
-- key: conversion_id
-- reads: model.conversion, model.match, model.touch
-- params: event_no, use_pixel, use_server, use_app, use_analytics, use_crm, widest_us
-- not null: packed
--
-- packed = (converted - exposed) * 65536 + creative_id: its minimum is the last touch, ties going to the
-- smaller creative number, and a touch lies inside window W when packed < (W + 1) * 65536.
SELECT
    c.conversion_id,
    MIN((c.converted_us - t.exposed_us) * 65536 + t.creative_id) AS packed
FROM (
    SELECT v.conversion_id, v.converted_us, m.household_id
    FROM model.conversion AS v
    JOIN model.match AS m ON m.conversion_id = v.conversion_id
    WHERE v.event_no = $event_no
      AND v.is_pixel * $use_pixel + v.is_server * $use_server + v.is_app * $use_app
        + v.is_analytics * $use_analytics + v.is_crm * $use_crm > 0
) AS c
JOIN model.touch AS t ON t.household_id = c.household_id
WHERE t.is_delivered = 1
  AND t.exposed_us < c.converted_us
  AND t.exposed_us >= c.converted_us - $widest_us
GROUP BY c.conversion_id

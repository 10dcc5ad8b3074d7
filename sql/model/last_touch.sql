-- Last delivered touch before every attributable conversion, for all attribution windows at once.
-- grain: conversion with a touch inside the widest window
-- key: conversion_id
-- reads: model.attributable, model.touch
-- params: widest_us
-- not null: packed
--
-- packed = (converted - exposed) * 65536 + creative_id: its minimum is the last touch, ties going to the
-- smaller creative number, and a touch lies inside window W when packed < (W + 1) * 65536.
SELECT
    c.conversion_id,
    MIN((c.converted_us - t.exposed_us) * 65536 + t.creative_id) AS packed
FROM model.attributable AS c
JOIN model.touch AS t ON t.household_id = c.household_id
WHERE t.is_delivered = 1
  AND t.exposed_us < c.converted_us
  AND t.exposed_us >= c.converted_us - $widest_us
GROUP BY c.conversion_id

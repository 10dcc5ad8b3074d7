-- Last delivered touch before every attributable conversion, for all attribution windows at once.
-- grain: conversion with a touch inside the widest window
-- key: conversion_id
-- reads: model.attributable, model.touch
-- params: widest_us
-- not null: household_id, exposed_us, packed, gap_us, value_micros
--
-- A conversion in (exposed_us, next_us] of a touch has it as its last, so it meets one touch and no more; next_us
-- decides ties. packed = (converted - exposed) * 65536 + creative_id, and a touch lies inside window W when
-- packed < (W + 1) * 65536.
SELECT
    c.conversion_id,
    c.household_id,
    t.exposed_us,
    (c.converted_us - t.exposed_us) * 65536 + t.creative_id AS packed,
    c.gap_us,
    c.value_micros
FROM model.attributable AS c
JOIN model.touch AS t ON t.household_id = c.household_id
WHERE t.is_delivered = 1
  AND t.exposed_us < c.converted_us
  AND t.next_us >= c.converted_us
  AND t.exposed_us >= c.converted_us - $widest_us

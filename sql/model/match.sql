-- The household of every conversion that evidence inside the match windows leads to, the same way in every arm.
-- grain: matched conversion
-- key: conversion_id
-- reads: model.conversion, model.conversion_key, model.household, model.link, ops.match_window
-- params: none
-- not null: household_id, link_rank, gap_us
--
-- Link types are asked in the order of their rank, a household that the record itself names first (rank 0).
-- A link type that leads to two households is shared and is passed over.
WITH candidate AS (
    SELECT k.conversion_id, 0 AS link_rank, h.household_id, 0 AS gap_us
    FROM model.conversion_key AS k
    JOIN model.household AS h ON h.household_key = k.id_key
    WHERE k.link_type = 'household'
    UNION ALL
    SELECT k.conversion_id, w.link_rank, l.household_id,
        GREATEST(0, c.converted_us - l.last_seen_us, l.first_seen_us - c.converted_us) AS gap_us
    FROM model.conversion_key AS k
    JOIN model.conversion AS c ON c.conversion_id = k.conversion_id
    JOIN ops.match_window AS w ON w.link_type = k.link_type
    JOIN model.link AS l ON l.id_type = k.link_type AND l.id_key = k.id_key
    WHERE c.converted_us - l.last_seen_us <= w.window_us
      AND l.first_seen_us - c.converted_us <= w.window_us
),
linked AS (
    SELECT
        conversion_id, link_rank,
        MIN(household_id) AS household_id,
        MAX(household_id) AS other_household_id,
        MIN(gap_us) AS gap_us
    FROM candidate
    GROUP BY conversion_id, link_rank
),
ranked AS (
    SELECT
        conversion_id, link_rank, household_id, gap_us,
        ROW_NUMBER() OVER (PARTITION BY conversion_id ORDER BY link_rank) AS choice_no
    FROM linked
    WHERE household_id = other_household_id
)
SELECT conversion_id, household_id, link_rank, gap_us
FROM ranked
WHERE choice_no = 1

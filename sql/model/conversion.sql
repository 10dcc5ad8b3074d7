-- Canonical conversions after dedup: their time and value by the authority over each, with the record that told it, and the surfaces that saw them.
-- grain: conversion that somebody believed has a record of
-- key: conversion_id
-- reads: model.conversion_record, model.shared_record, model.record, ops.authority
-- params: value_winner_rank, time_winner_rank, time_earliest_rank
-- not null: event_no, converted_us, time_record_id, is_pixel, is_server, is_app, is_analytics, is_crm, records
--
-- A field is that of the record whose surface ranks first (ops.authority), where the winner of dedup, and of times the
-- earliest of all, have ranks too; of equals the winner's, then the earlier. A dropped record tells no field. A
-- conversion that nobody believed has the time of has its earliest.
WITH told AS (
    SELECT
        m.conversion_id, m.record_id, m.event_no, r.surface_no, r.occurred_us, r.value_micros, a.is_proof,
        CASE WHEN s.record_id IS NULL THEN 0 ELSE 1 END AS is_shared,
        COALESCE(s.is_winner, CASE WHEN r.surface_no < 5 THEN 1 ELSE 0 END) AS is_winner,
        COALESCE(s.is_dropped, 0) AS is_dropped,
        COALESCE(a.value_rank, 99) AS value_rank,
        COALESCE(a.time_rank, 99) AS time_rank
    FROM model.conversion_record AS m
    JOIN model.record AS r ON r.record_id = m.record_id
    JOIN ops.authority AS a ON a.surface_no = r.surface_no
    LEFT JOIN model.shared_record AS s ON s.record_id = m.record_id
),
ranked AS (
    SELECT
        conversion_id, record_id, event_no, surface_no, occurred_us, is_proof, is_shared,
        CASE
            WHEN value_micros IS NULL OR is_dropped = 1 THEN 99
            WHEN is_winner = 1 AND $value_winner_rank < value_rank THEN $value_winner_rank
            ELSE value_rank
        END AS value_rank,
        CASE
            WHEN is_dropped = 1 THEN 98
            WHEN is_winner = 1 AND $time_winner_rank < time_rank AND $time_winner_rank < $time_earliest_rank
                THEN $time_winner_rank
            WHEN time_rank < $time_earliest_rank THEN time_rank
            WHEN $time_earliest_rank < 97 THEN $time_earliest_rank
            ELSE 97
        END AS time_rank,
        value_micros, is_winner
    FROM told
),
chosen AS (
    SELECT
        conversion_id, record_id, event_no, surface_no, occurred_us, value_micros, is_proof, value_rank,
        ROW_NUMBER() OVER (PARTITION BY conversion_id ORDER BY value_rank, is_winner DESC, record_id) AS value_place_no,
        ROW_NUMBER() OVER (
            PARTITION BY conversion_id
            ORDER BY time_rank, CASE WHEN time_rank IN ($time_earliest_rank, 97) THEN 0 ELSE is_winner END DESC, occurred_us, record_id
        ) AS time_place_no
    FROM ranked
    WHERE is_shared = 1
    UNION ALL
    SELECT
        conversion_id, record_id, event_no, surface_no, occurred_us, value_micros, is_proof, value_rank,
        1 AS value_place_no,
        1 AS time_place_no
    FROM ranked
    WHERE is_shared = 0
)
SELECT
    conversion_id,
    MIN(event_no) AS event_no,
    MIN(CASE WHEN time_place_no = 1 THEN occurred_us END) AS converted_us,
    MIN(CASE WHEN time_place_no = 1 THEN record_id END) AS time_record_id,
    MIN(CASE WHEN value_place_no = 1 AND value_rank < 99 THEN value_micros END) AS value_micros,
    MIN(CASE WHEN value_place_no = 1 AND value_rank < 99 THEN record_id END) AS value_record_id,
    MAX(CASE WHEN surface_no = 1 THEN 1 ELSE 0 END) AS is_pixel,
    MAX(CASE WHEN surface_no = 2 THEN 1 ELSE 0 END) AS is_server,
    MAX(CASE WHEN surface_no = 3 THEN 1 ELSE 0 END) AS is_app,
    MAX(CASE WHEN surface_no = 4 THEN 1 ELSE 0 END) AS is_analytics,
    MAX(CASE WHEN surface_no = 5 THEN 1 ELSE 0 END) AS is_crm,
    COUNT(*) AS records
FROM chosen
GROUP BY conversion_id
HAVING MAX(is_proof) = 1

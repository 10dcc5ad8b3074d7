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
-- Ranks and record ids are packed into one number, of which the least is chosen: 2^53 times the rank, plus 2^52, plus
-- the record's id.
WITH told AS (
    SELECT
        m.conversion_id, m.record_id, m.event_no, m.surface_no, m.occurred_us, m.value_micros, a.is_proof,
        s.is_winner AS shared_winner,
        COALESCE(s.is_winner, CASE WHEN m.surface_no < 5 THEN 1 ELSE 0 END) AS is_winner,
        COALESCE(s.is_dropped, 0) AS is_dropped,
        COALESCE(a.value_rank, 99) AS value_rank,
        COALESCE(a.time_rank, 99) AS time_rank
    FROM model.conversion_record AS m
    JOIN ops.authority AS a ON a.surface_no = m.surface_no
    LEFT JOIN model.shared_record AS s ON s.record_id = m.record_id
),
ranked AS (
    SELECT
        conversion_id, record_id, event_no, surface_no, occurred_us, value_micros, is_proof, shared_winner, is_winner,
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
        END AS time_rank
    FROM told
),
chosen AS (
    SELECT
        conversion_id,
        MIN(event_no) AS event_no,
        MIN((time_rank * 2 + CASE WHEN time_rank IN ($time_earliest_rank, 97) THEN 0 ELSE 1 - is_winner END) * 9007199254740992
            + 4503599627370496 + record_id) AS time_pick,
        MIN(CASE WHEN value_rank < 99 THEN (value_rank * 2 + 1 - is_winner) * 9007199254740992 + 4503599627370496 + record_id END)
            AS value_pick,
        MAX(CASE WHEN surface_no = 1 THEN 1 ELSE 0 END) AS is_pixel,
        MAX(CASE WHEN surface_no = 2 THEN 1 ELSE 0 END) AS is_server,
        MAX(CASE WHEN surface_no = 3 THEN 1 ELSE 0 END) AS is_app,
        MAX(CASE WHEN surface_no = 4 THEN 1 ELSE 0 END) AS is_analytics,
        MAX(CASE WHEN surface_no = 5 THEN 1 ELSE 0 END) AS is_crm,
        COUNT(*) AS records
    FROM ranked
    WHERE shared_winner IS NOT NULL
    GROUP BY conversion_id
    HAVING MAX(is_proof) = 1
),
told_by AS (
    SELECT
        conversion_id, event_no, is_pixel, is_server, is_app, is_analytics, is_crm, records,
        MOD(time_pick, 9007199254740992) - 4503599627370496 AS time_record_id,
        MOD(value_pick, 9007199254740992) - 4503599627370496 AS value_record_id
    FROM chosen
)
SELECT
    c.conversion_id,
    c.event_no,
    t.occurred_us AS converted_us,
    c.time_record_id,
    v.value_micros,
    c.value_record_id,
    c.is_pixel,
    c.is_server,
    c.is_app,
    c.is_analytics,
    c.is_crm,
    c.records
FROM told_by AS c
JOIN model.record AS t ON t.record_id = c.time_record_id
LEFT JOIN model.record AS v ON v.record_id = c.value_record_id
UNION ALL
SELECT
    conversion_id,
    event_no,
    occurred_us AS converted_us,
    record_id AS time_record_id,
    CASE WHEN value_rank < 99 THEN value_micros END AS value_micros,
    CASE WHEN value_rank < 99 THEN record_id END AS value_record_id,
    CASE WHEN surface_no = 1 THEN 1 ELSE 0 END AS is_pixel,
    CASE WHEN surface_no = 2 THEN 1 ELSE 0 END AS is_server,
    CASE WHEN surface_no = 3 THEN 1 ELSE 0 END AS is_app,
    CASE WHEN surface_no = 4 THEN 1 ELSE 0 END AS is_analytics,
    CASE WHEN surface_no = 5 THEN 1 ELSE 0 END AS is_crm,
    1 AS records
FROM ranked
WHERE shared_winner IS NULL
  AND is_proof = 1

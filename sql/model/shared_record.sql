-- Records of conversions that several records tell of: which of them wins, and which tells no field.
-- grain: record of a conversion with several
-- key: record_id
-- reads: model.conversion_record, ops.dedup_rule
-- params: none
-- not null: conversion_id, list_no, is_winner, is_dropped
--
-- Every event is held against the first event of the conversion, by the rule of their two lists; of those that win
-- against it the rule's first or latest received is the winner, else the first event is. A record is dropped when the rule of its list and the
-- winner's drops. Orders of the CRM neither win nor are dropped.
WITH shared AS (
    SELECT g.conversion_id, g.first_id, a.list_no, a.received_us
    FROM (
        SELECT conversion_id, MIN(CASE WHEN list_no > 1 THEN record_id END) AS first_id
        FROM model.conversion_record
        GROUP BY conversion_id
        HAVING COUNT(*) > 1
    ) AS g
    LEFT JOIN model.conversion_record AS a ON a.record_id = g.first_id
),
held AS (
    SELECT
        m.record_id, m.conversion_id, m.list_no, m.received_us,
        s.first_id, s.list_no AS first_list_no, s.received_us AS first_received_us,
        CASE WHEN r.latest_wins = 1 THEN -m.received_us ELSE m.received_us END AS received_order,
        CASE
            WHEN m.list_no = 1 THEN -2
            WHEN m.record_id = s.first_id THEN 0
            WHEN r.winner_list_no > 0 AND ABS(m.received_us - s.received_us) <= r.winner_within_us
                THEN CASE WHEN r.winner_list_no = m.list_no THEN 1 ELSE -1 END
            WHEN r.latest_wins = 1 AND m.received_us > s.received_us THEN 1
            WHEN r.latest_wins = 0 AND m.received_us < s.received_us THEN 1
            ELSE -1
        END AS standing
    FROM model.conversion_record AS m
    JOIN shared AS s ON s.conversion_id = m.conversion_id
    LEFT JOIN ops.dedup_rule AS r ON r.first_list_no = s.list_no AND r.second_list_no = m.list_no
),
beating AS (
    SELECT conversion_id, record_id, list_no, received_us
    FROM (
        SELECT
            conversion_id, record_id, list_no, received_us,
            ROW_NUMBER() OVER (PARTITION BY conversion_id ORDER BY received_order, record_id) AS place_no
        FROM held
        WHERE standing = 1
    ) AS placed
    WHERE place_no = 1
),
won AS (
    SELECT
        h.record_id, h.conversion_id, h.list_no, h.received_us,
        COALESCE(b.record_id, h.first_id) AS winner_id,
        COALESCE(b.list_no, h.first_list_no) AS winner_list_no,
        COALESCE(b.received_us, h.first_received_us) AS winner_received_us
    FROM held AS h
    LEFT JOIN beating AS b ON b.conversion_id = h.conversion_id
)
SELECT
    w.record_id,
    w.conversion_id,
    w.list_no,
    CASE WHEN w.record_id = w.winner_id THEN 1 ELSE 0 END AS is_winner,
    CASE
        WHEN w.record_id <> w.winner_id AND r.drops = 1 AND ABS(w.received_us - w.winner_received_us) > r.merge_within_us THEN 1
        ELSE 0
    END AS is_dropped
FROM won AS w
LEFT JOIN ops.dedup_rule AS r ON r.first_list_no = w.winner_list_no AND r.second_list_no = w.list_no

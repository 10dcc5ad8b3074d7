-- Which conversion every usable record tells of, by the rule of dedup of each pair of lists and then by order id.
-- grain: usable record whose conversion nobody withheld
-- key: record_id
-- reads: model.record, model.withheld, model.identity_match, ops.dedup_rule
-- params: none
-- not null: conversion_id, event_no, list_no, surface_no, occurred_us, received_us
--
-- Records of one event with one event id are one conversion with the first of them, when the rule of the two lists joins
-- event ids and they lie within its span. Those that do not because they are of another dataset, of lists that tell their
-- own datasets apart, are held in the same way against the first of that dataset; and what is left then is one with the
-- first of it in its own list and dataset, by that list's own rule. An id
-- that comes back after a pause longer than every span begins anew. Records that no id joins go by an identifier
-- (model.identity_match). An order id that only some of them carry is that of all. Then records of one event with one
-- order id are one conversion, whoever sent them and when.
-- conversion_id: the first record's. A group of one event id is plain, as most are, when
-- every rule joins event ids, the narrowest span holds it and it names no two datasets: then no rule parts it.
-- Usable records are asked for wherever they are read: one CTE of them would be kept as a copy of every text.
WITH span AS (
    SELECT
        COALESCE(MIN(span_us), 0) AS least_us,
        COALESCE(MAX(span_us), 0) AS widest_us,
        COALESCE(MIN(use_event_id), 0) AS all_use_event_id
    FROM ops.dedup_rule
),
repeated AS (
    SELECT
        g.event_no, g.event_id, g.first_id, g.order_id,
        CASE WHEN s.all_use_event_id = 1 AND g.extent_us <= s.least_us AND g.datasets < 2 THEN 1 ELSE 0 END AS is_plain
    FROM (
        SELECT
            r.event_no, r.event_id,
            MIN(r.record_id) AS first_id,
            MIN(r.order_id) AS order_id,
            MAX(r.occurred_us) - MIN(r.occurred_us) AS extent_us,
            CASE WHEN MIN(r.dataset_id) <> MAX(r.dataset_id) THEN 2 ELSE 1 END AS datasets
        FROM model.record AS r
        LEFT JOIN model.withheld AS w ON w.record_id = r.record_id
        WHERE r.category = 0
          AND r.event_id IS NOT NULL
          AND w.record_id IS NULL
        GROUP BY r.event_no, r.event_id
        HAVING COUNT(*) > 1
    ) AS g
    CROSS JOIN span AS s
),
paused AS (
    SELECT
        u.record_id, u.event_no, u.event_id, u.list_no, u.dataset_id, u.order_id, u.occurred_us,
        u.occurred_us - MAX(u.occurred_us) OVER (
            PARTITION BY u.event_no, u.event_id ORDER BY u.occurred_us, u.record_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS pause_us
    FROM repeated AS p
    JOIN model.record AS u ON u.event_no = p.event_no AND u.event_id = p.event_id
    LEFT JOIN model.withheld AS w ON w.record_id = u.record_id
    WHERE p.is_plain = 0
      AND u.category = 0
      AND w.record_id IS NULL
),
started AS (
    SELECT
        p.record_id, p.event_no, p.event_id, p.list_no, p.dataset_id, p.order_id, p.occurred_us,
        SUM(CASE WHEN p.pause_us > s.widest_us THEN 1 ELSE 0 END) OVER (
            PARTITION BY p.event_no, p.event_id ORDER BY p.occurred_us, p.record_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS start_no
    FROM paused AS p
    CROSS JOIN span AS s
),
anchored AS (
    SELECT
        record_id, list_no, dataset_id, order_id, occurred_us,
        MIN(record_id) OVER (PARTITION BY event_no, event_id, start_no) AS anchor_id
    FROM started
),
ruled AS (
    SELECT
        m.record_id, m.list_no, m.dataset_id, m.order_id, m.occurred_us, m.anchor_id,
        CASE
            WHEN m.record_id = m.anchor_id THEN 1
            WHEN r.use_event_id = 1 AND m.occurred_us - a.occurred_us <= r.span_us
              AND (r.same_dataset = 0 OR COALESCE(a.dataset_id, m.dataset_id, '') = COALESCE(m.dataset_id, a.dataset_id, ''))
                THEN 1
            ELSE 0
        END AS is_joined,
        CASE WHEN r.same_dataset = 1 AND a.dataset_id <> m.dataset_id THEN 1 ELSE 0 END AS is_elsewhere
    FROM anchored AS m
    JOIN anchored AS a ON a.record_id = m.anchor_id
    JOIN ops.dedup_rule AS r ON r.first_list_no = a.list_no AND r.second_list_no = m.list_no
),
elsewhere AS (
    SELECT
        m.record_id, m.list_no, m.order_id, m.occurred_us,
        MIN(m.record_id) OVER (PARTITION BY m.anchor_id, m.dataset_id) AS anchor_id
    FROM ruled AS m
    JOIN ops.dedup_rule AS r ON r.first_list_no = m.list_no AND r.second_list_no = m.list_no
    WHERE m.is_joined = 0
      AND m.is_elsewhere = 1
      AND r.same_dataset = 1
),
moved AS (
    SELECT m.record_id, m.anchor_id, m.order_id
    FROM elsewhere AS m
    JOIN elsewhere AS a ON a.record_id = m.anchor_id
    JOIN ops.dedup_rule AS r ON r.first_list_no = a.list_no AND r.second_list_no = m.list_no
    WHERE m.record_id = m.anchor_id
       OR r.use_event_id = 1 AND m.occurred_us - a.occurred_us <= r.span_us
),
left_over AS (
    SELECT
        m.record_id, m.list_no, m.order_id, m.occurred_us, r.use_event_id, r.span_us,
        MIN(m.record_id) OVER own AS first_id,
        MIN(m.occurred_us) OVER own AS first_us
    FROM ruled AS m
    JOIN ops.dedup_rule AS r ON r.first_list_no = m.list_no AND r.second_list_no = m.list_no
    LEFT JOIN moved AS e ON e.record_id = m.record_id
    WHERE m.is_joined = 0
      AND e.record_id IS NULL
    WINDOW own AS (PARTITION BY m.anchor_id, m.list_no, CASE WHEN r.same_dataset = 1 THEN COALESCE(m.dataset_id, '') ELSE '' END)
),
clustered AS (
    SELECT record_id, anchor_id AS cluster_id, order_id
    FROM ruled
    WHERE is_joined = 1
    UNION ALL
    SELECT record_id, anchor_id AS cluster_id, order_id
    FROM moved
    UNION ALL
    SELECT
        o.record_id,
        CASE WHEN o.use_event_id = 1 AND o.occurred_us - o.first_us <= o.span_us THEN o.first_id ELSE o.record_id END AS cluster_id,
        o.order_id
    FROM left_over AS o
    UNION ALL
    SELECT i.record_id, i.first_id AS cluster_id, u.order_id
    FROM (
        SELECT record_id, first_id FROM model.identity_match
        UNION
        SELECT first_id AS record_id, first_id FROM model.identity_match
    ) AS i
    JOIN model.record AS u ON u.record_id = i.record_id
),
carried AS (
    SELECT
        u.record_id, u.event_no,
        COALESCE(c.cluster_id, p.first_id) AS cluster_id,
        COALESCE(p.order_id, o.order_id) AS order_id
    FROM model.record AS u
    LEFT JOIN model.withheld AS w ON w.record_id = u.record_id
    LEFT JOIN repeated AS p ON p.event_no = u.event_no AND p.event_id = u.event_id AND p.is_plain = 1
    LEFT JOIN clustered AS c ON c.record_id = u.record_id
    LEFT JOIN (SELECT cluster_id, MIN(order_id) AS order_id FROM clustered GROUP BY cluster_id) AS o ON o.cluster_id = c.cluster_id
    WHERE u.category = 0
      AND u.order_id IS NULL
      AND w.record_id IS NULL
      AND (p.first_id IS NOT NULL OR c.cluster_id IS NOT NULL)
),
ordered AS (
    SELECT event_no, order_id, MIN(record_id) AS first_id
    FROM (
        SELECT r.event_no, r.order_id, r.record_id
        FROM model.record AS r
        LEFT JOIN model.withheld AS w ON w.record_id = r.record_id
        WHERE r.category = 0
          AND r.order_id IS NOT NULL
          AND w.record_id IS NULL
        UNION ALL
        SELECT event_no, order_id, record_id
        FROM carried
        WHERE order_id IS NOT NULL
    ) AS n
    GROUP BY event_no, order_id
    HAVING COUNT(*) > 1
)
SELECT
    r.record_id,
    r.event_no,
    r.list_no,
    r.surface_no,
    r.occurred_us,
    r.received_us,
    r.value_micros,
    COALESCE(o.first_id, CASE WHEN c.order_id IS NULL THEN c.cluster_id END, r.record_id) AS conversion_id
FROM model.record AS r
LEFT JOIN model.withheld AS w ON w.record_id = r.record_id
LEFT JOIN carried AS c ON c.record_id = r.record_id
LEFT JOIN ordered AS o ON o.event_no = r.event_no AND o.order_id = COALESCE(r.order_id, c.order_id)
WHERE r.category = 0
  AND w.record_id IS NULL

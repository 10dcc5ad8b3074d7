-- How the usable records of each list and event were joined: alone, paired with another list's, repeated by their own.
-- grain: run, event and list
-- key: run_id, event_no, surface_no, platform
-- reads: model.conversion_record, model.shared_record, model.identity_match, ops.list
-- params: run_id
-- not null: records, alone, paired, repeated, dropped, by_identifier
--
-- alone, paired and repeated make all records. repeated: not the first of its list in its conversion. paired: the first,
-- and another list has the conversion too. dropped: of those, the ones that tell no field; by_identifier: joined by one.
WITH listed AS (
    SELECT conversion_id, list_no, MIN(record_id) AS first_id
    FROM model.shared_record
    GROUP BY conversion_id, list_no
),
joined AS (
    SELECT conversion_id, MIN(list_no) AS first_list_no, MAX(list_no) AS last_list_no
    FROM listed
    GROUP BY conversion_id
),
placed AS (
    SELECT
        m.event_no, m.list_no,
        CASE
            WHEN s.record_id IS NULL THEN 1
            WHEN s.record_id > f.first_id THEN 3
            WHEN j.first_list_no = j.last_list_no THEN 1
            ELSE 2
        END AS place_no,
        COALESCE(s.is_dropped, 0) AS is_dropped,
        CASE WHEN i.record_id IS NULL THEN 0 ELSE 1 END AS is_identified
    FROM model.conversion_record AS m
    LEFT JOIN model.shared_record AS s ON s.record_id = m.record_id
    LEFT JOIN listed AS f ON f.conversion_id = m.conversion_id AND f.list_no = m.list_no
    LEFT JOIN joined AS j ON j.conversion_id = m.conversion_id
    LEFT JOIN model.identity_match AS i ON i.record_id = m.record_id
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    p.event_no,
    l.surface_no,
    COALESCE(l.platform, '') AS platform,
    COUNT(*) AS records,
    SUM(CASE WHEN p.place_no = 1 THEN 1 ELSE 0 END) AS alone,
    SUM(CASE WHEN p.place_no = 2 THEN 1 ELSE 0 END) AS paired,
    SUM(CASE WHEN p.place_no = 3 THEN 1 ELSE 0 END) AS repeated,
    CAST(SUM(p.is_dropped) AS BIGINT) AS dropped,
    CAST(SUM(p.is_identified) AS BIGINT) AS by_identifier
FROM placed AS p
JOIN ops.list AS l ON l.list_no = p.list_no
GROUP BY p.event_no, l.surface_no, COALESCE(l.platform, '')

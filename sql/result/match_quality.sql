-- How many records of a week carry each identifier, and whose identifiers the CRM and the identity graph have.
-- grain: run, list, event, week and identifier
-- key: run_id, surface_no, platform, event_no, week_day_no, id_type
-- reads: model.record, model.link, model.household, model.unit, clean.identifier, ops.report_day
-- params: run_id
-- not null: records, carrying, joined
--
-- A list is a surface and a platform; week_day_no is the first day of the week, counted from that on which the study
-- begins. Records of events in the dictionary count, usable or not, but no test traffic, no adjustments and nothing that
-- denied measurement. in_crm: some order has the identifier, in a form in which a platform hashes it; in_graph: the graph
-- or the assignment names a household by it, at whatever time. Both are NULL where an identifier is of no such kind.
-- joined: in either. id_type any: at least one identifier of the record.
WITH crm AS (
    SELECT record_id, row_key, email_key, phone_key, customer_key, household_key
    FROM model.record
    WHERE surface_no = 5 AND category NOT IN (1, 7)
),
known AS (
    SELECT id_type, id_key, MAX(is_crm) AS is_crm, MAX(is_graph) AS is_graph
    FROM (
        SELECT 'email' AS id_type, email_key AS id_key, 1 AS is_crm, 0 AS is_graph FROM crm WHERE email_key IS NOT NULL
        UNION ALL
        SELECT 'phone' AS id_type, phone_key AS id_key, 1 AS is_crm, 0 AS is_graph FROM crm WHERE phone_key IS NOT NULL
        UNION ALL
        SELECT 'customer' AS id_type, customer_key AS id_key, 1 AS is_crm, 0 AS is_graph FROM crm WHERE customer_key IS NOT NULL
        UNION ALL
        SELECT 'household' AS id_type, household_key AS id_key, 1 AS is_crm, 0 AS is_graph FROM crm WHERE household_key IS NOT NULL
        UNION ALL
        SELECT i.id_type, i.id_key, 1 AS is_crm, 0 AS is_graph
        FROM crm AS c
        JOIN clean.identifier AS i ON i.row_key = c.row_key
        WHERE i.table_name = 'crm_order'
        UNION ALL
        SELECT id_type, id_key, 0 AS is_crm, 1 AS is_graph FROM model.link
        UNION ALL
        SELECT 'household' AS id_type, h.household_key AS id_key, 0 AS is_crm, 1 AS is_graph
        FROM model.household AS h
        JOIN (SELECT household_id FROM model.link UNION SELECT household_id FROM model.unit) AS g ON g.household_id = h.household_id
    ) AS named
    GROUP BY id_type, id_key
),
began AS (
    SELECT MIN(day_no) AS day_no FROM ops.report_day
),
used AS (
    SELECT r.*, d.day_no - MOD(d.day_no - b.day_no, 7) AS week_day_no
    FROM model.record AS r
    JOIN ops.report_day AS d ON d.quarter_us = r.occurred_us - MOD(r.occurred_us, 900000000)
    CROSS JOIN began AS b
    WHERE r.surface_no < 5 AND r.event_no > 0 AND r.category NOT IN (1, 7, 8)
),
further AS (
    SELECT
        u.record_id,
        MAX(CASE WHEN i.id_type = 'email' THEN k.is_crm ELSE 0 END) AS email_crm,
        MAX(CASE WHEN i.id_type = 'email' THEN k.is_graph ELSE 0 END) AS email_graph,
        MAX(CASE WHEN i.id_type = 'phone' THEN k.is_crm ELSE 0 END) AS phone_crm,
        MAX(CASE WHEN i.id_type = 'phone' THEN k.is_graph ELSE 0 END) AS phone_graph,
        MAX(CASE WHEN i.id_type = 'customer' THEN k.is_crm ELSE 0 END) AS customer_crm,
        MAX(CASE WHEN i.id_type = 'customer' THEN k.is_graph ELSE 0 END) AS customer_graph,
        MAX(CASE WHEN i.id_type = 'device' THEN k.is_graph ELSE 0 END) AS device_graph,
        MAX(CASE WHEN i.id_type = 'ip' THEN k.is_graph ELSE 0 END) AS ip_graph
    FROM used AS u
    JOIN clean.identifier AS i ON i.row_key = u.row_key
    JOIN known AS k ON k.id_type = i.id_type AND k.id_key = i.id_key
    WHERE i.table_name = 'event'
    GROUP BY u.record_id
),
judged AS (
    SELECT
        u.surface_no, u.platform, u.event_no, u.week_day_no,
        CASE WHEN u.email_key IS NULL THEN 0 ELSE 1 END AS email,
        GREATEST(COALESCE(e.is_crm, 0), COALESCE(f.email_crm, 0)) AS email_crm,
        GREATEST(COALESCE(e.is_graph, 0), COALESCE(f.email_graph, 0)) AS email_graph,
        CASE WHEN u.phone_key IS NULL THEN 0 ELSE 1 END AS phone,
        GREATEST(COALESCE(p.is_crm, 0), COALESCE(f.phone_crm, 0)) AS phone_crm,
        GREATEST(COALESCE(p.is_graph, 0), COALESCE(f.phone_graph, 0)) AS phone_graph,
        CASE WHEN u.customer_key IS NULL THEN 0 ELSE 1 END AS customer,
        GREATEST(COALESCE(c.is_crm, 0), COALESCE(f.customer_crm, 0)) AS customer_crm,
        GREATEST(COALESCE(c.is_graph, 0), COALESCE(f.customer_graph, 0)) AS customer_graph,
        CASE WHEN u.household_key IS NULL THEN 0 ELSE 1 END AS household,
        COALESCE(h.is_crm, 0) AS household_crm,
        COALESCE(h.is_graph, 0) AS household_graph,
        CASE WHEN u.device_key IS NULL THEN 0 ELSE 1 END AS device,
        GREATEST(COALESCE(d.is_graph, 0), COALESCE(f.device_graph, 0)) AS device_graph,
        CASE WHEN u.ip_key IS NULL THEN 0 ELSE 1 END AS ip,
        GREATEST(COALESCE(a.is_graph, 0), COALESCE(f.ip_graph, 0)) AS ip_graph,
        CASE WHEN u.click_key IS NULL THEN 0 ELSE 1 END AS click,
        CASE WHEN u.cookie_key IS NULL THEN 0 ELSE 1 END AS cookie
    FROM used AS u
    LEFT JOIN known AS e ON e.id_type = 'email' AND e.id_key = u.email_key
    LEFT JOIN known AS p ON p.id_type = 'phone' AND p.id_key = u.phone_key
    LEFT JOIN known AS c ON c.id_type = 'customer' AND c.id_key = u.customer_key
    LEFT JOIN known AS h ON h.id_type = 'household' AND h.id_key = u.household_key
    LEFT JOIN known AS d ON d.id_type = 'device' AND d.id_key = u.device_key
    LEFT JOIN known AS a ON a.id_type = 'ip' AND a.id_key = u.ip_key
    LEFT JOIN further AS f ON f.record_id = u.record_id
),
week AS (
    SELECT
        surface_no, platform, event_no, week_day_no, COUNT(*) AS records,
        SUM(email) AS email, SUM(email_crm) AS email_crm, SUM(email_graph) AS email_graph, SUM(GREATEST(email_crm, email_graph)) AS email_joined,
        SUM(phone) AS phone, SUM(phone_crm) AS phone_crm, SUM(phone_graph) AS phone_graph, SUM(GREATEST(phone_crm, phone_graph)) AS phone_joined,
        SUM(customer) AS customer, SUM(customer_crm) AS customer_crm, SUM(customer_graph) AS customer_graph,
        SUM(GREATEST(customer_crm, customer_graph)) AS customer_joined,
        SUM(household) AS household, SUM(household_crm) AS household_crm, SUM(household_graph) AS household_graph,
        SUM(GREATEST(household_crm, household_graph)) AS household_joined,
        SUM(device) AS device, SUM(device_graph) AS device_graph,
        SUM(ip) AS ip, SUM(ip_graph) AS ip_graph,
        SUM(click) AS click, SUM(cookie) AS cookie,
        SUM(GREATEST(email, phone, customer, household, device, ip, click, cookie)) AS anything,
        SUM(GREATEST(email_crm, phone_crm, customer_crm, household_crm)) AS anything_crm,
        SUM(GREATEST(email_graph, phone_graph, customer_graph, household_graph, device_graph, ip_graph)) AS anything_graph,
        SUM(GREATEST(
            email_crm, phone_crm, customer_crm, household_crm,
            email_graph, phone_graph, customer_graph, household_graph, device_graph, ip_graph
        )) AS anything_joined
    FROM judged
    GROUP BY surface_no, platform, event_no, week_day_no
),
told AS (
    SELECT surface_no, platform, event_no, week_day_no, 'email' AS id_type, records,
        email AS carrying, email_crm AS in_crm, email_graph AS in_graph, email_joined AS joined
    FROM week
    UNION ALL
    SELECT surface_no, platform, event_no, week_day_no, 'phone' AS id_type, records,
        phone AS carrying, phone_crm AS in_crm, phone_graph AS in_graph, phone_joined AS joined
    FROM week
    UNION ALL
    SELECT surface_no, platform, event_no, week_day_no, 'customer' AS id_type, records,
        customer AS carrying, customer_crm AS in_crm, customer_graph AS in_graph, customer_joined AS joined
    FROM week
    UNION ALL
    SELECT surface_no, platform, event_no, week_day_no, 'household' AS id_type, records,
        household AS carrying, household_crm AS in_crm, household_graph AS in_graph, household_joined AS joined
    FROM week
    UNION ALL
    SELECT surface_no, platform, event_no, week_day_no, 'device' AS id_type, records,
        device AS carrying, CAST(NULL AS BIGINT) AS in_crm, device_graph AS in_graph, device_graph AS joined
    FROM week
    UNION ALL
    SELECT surface_no, platform, event_no, week_day_no, 'ip' AS id_type, records,
        ip AS carrying, CAST(NULL AS BIGINT) AS in_crm, ip_graph AS in_graph, ip_graph AS joined
    FROM week
    UNION ALL
    SELECT surface_no, platform, event_no, week_day_no, 'click' AS id_type, records,
        click AS carrying, CAST(NULL AS BIGINT) AS in_crm, CAST(NULL AS BIGINT) AS in_graph, CAST(0 AS BIGINT) AS joined
    FROM week
    UNION ALL
    SELECT surface_no, platform, event_no, week_day_no, 'cookie' AS id_type, records,
        cookie AS carrying, CAST(NULL AS BIGINT) AS in_crm, CAST(NULL AS BIGINT) AS in_graph, CAST(0 AS BIGINT) AS joined
    FROM week
    UNION ALL
    SELECT surface_no, platform, event_no, week_day_no, 'any' AS id_type, records,
        anything AS carrying, anything_crm AS in_crm, anything_graph AS in_graph, anything_joined AS joined
    FROM week
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    surface_no,
    platform,
    event_no,
    week_day_no,
    id_type,
    records,
    CAST(carrying AS BIGINT) AS carrying,
    CAST(in_crm AS BIGINT) AS in_crm,
    CAST(in_graph AS BIGINT) AS in_graph,
    CAST(joined AS BIGINT) AS joined
FROM told

-- How many values an identifier has among the records of a list, and how many records share the most frequent one.
-- grain: run, list, event and identifier that some record carries
-- key: run_id, surface_no, platform, event_no, id_type
-- reads: model.record, ops.report_day
-- params: run_id
-- not null: records, carrying, distinct_values, most_records
--
-- Of the records of result.match_quality, over all weeks; of several values of one kind the first counts.
WITH used AS (
    SELECT r.*
    FROM model.record AS r
    JOIN ops.report_day AS d ON d.quarter_us = r.occurred_us - MOD(r.occurred_us, 900000000)
    WHERE r.surface_no < 5 AND r.event_no > 0 AND r.category NOT IN (1, 7, 8)
),
listed AS (
    SELECT surface_no, platform, event_no, COUNT(*) AS records
    FROM used
    GROUP BY surface_no, platform, event_no
),
value_of AS (
    SELECT surface_no, platform, event_no, 'email' AS id_type, COUNT(*) AS records
    FROM used WHERE email_key IS NOT NULL GROUP BY surface_no, platform, event_no, email_key
    UNION ALL
    SELECT surface_no, platform, event_no, 'phone' AS id_type, COUNT(*) AS records
    FROM used WHERE phone_key IS NOT NULL GROUP BY surface_no, platform, event_no, phone_key
    UNION ALL
    SELECT surface_no, platform, event_no, 'customer' AS id_type, COUNT(*) AS records
    FROM used WHERE customer_key IS NOT NULL GROUP BY surface_no, platform, event_no, customer_key
    UNION ALL
    SELECT surface_no, platform, event_no, 'household' AS id_type, COUNT(*) AS records
    FROM used WHERE household_key IS NOT NULL GROUP BY surface_no, platform, event_no, household_key
    UNION ALL
    SELECT surface_no, platform, event_no, 'device' AS id_type, COUNT(*) AS records
    FROM used WHERE device_key IS NOT NULL GROUP BY surface_no, platform, event_no, device_key
    UNION ALL
    SELECT surface_no, platform, event_no, 'ip' AS id_type, COUNT(*) AS records
    FROM used WHERE ip_key IS NOT NULL GROUP BY surface_no, platform, event_no, ip_key
    UNION ALL
    SELECT surface_no, platform, event_no, 'click' AS id_type, COUNT(*) AS records
    FROM used WHERE click_key IS NOT NULL GROUP BY surface_no, platform, event_no, click_key
    UNION ALL
    SELECT surface_no, platform, event_no, 'cookie' AS id_type, COUNT(*) AS records
    FROM used WHERE cookie_key IS NOT NULL GROUP BY surface_no, platform, event_no, cookie_key
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    v.surface_no,
    v.platform,
    v.event_no,
    v.id_type,
    MIN(l.records) AS records,
    CAST(SUM(v.records) AS BIGINT) AS carrying,
    COUNT(*) AS distinct_values,
    MAX(v.records) AS most_records
FROM value_of AS v
JOIN listed AS l ON l.surface_no = v.surface_no AND l.platform = v.platform AND l.event_no = v.event_no
GROUP BY v.surface_no, v.platform, v.event_no, v.id_type

-- How many records of a list carry an identifier that is well formed, and how many one that was left out because it is not.
-- grain: run, list, event and identifier that has a form
-- key: run_id, surface_no, platform, event_no, id_type
-- reads: model.record, ops.report_day
-- params: run_id
-- not null: usable, unusable
--
-- Of the records of result.match_quality, over all weeks. Only of e-mail addresses, phone numbers and IP addresses a value
-- can be left out; what is wrong with others refuses the record. A record that lists several may be in both numbers.
WITH used AS (
    SELECT
        r.surface_no, r.platform, r.event_no, r.email_key, r.phone_key, r.ip_key,
        MOD(COALESCE(r.unusable, 0), 2) AS bad_email,
        CASE WHEN MOD(COALESCE(r.unusable, 0), 4) >= 2 THEN 1 ELSE 0 END AS bad_phone,
        CASE WHEN COALESCE(r.unusable, 0) >= 4 THEN 1 ELSE 0 END AS bad_ip
    FROM model.record AS r
    JOIN ops.report_day AS d ON d.quarter_us = r.occurred_us - MOD(r.occurred_us, 900000000)
    WHERE r.surface_no < 5 AND r.event_no > 0 AND r.category NOT IN (1, 7, 8)
),
counted AS (
    SELECT
        surface_no, platform, event_no,
        COUNT(email_key) AS email, SUM(bad_email) AS bad_email,
        COUNT(phone_key) AS phone, SUM(bad_phone) AS bad_phone,
        COUNT(ip_key) AS ip, SUM(bad_ip) AS bad_ip
    FROM used
    GROUP BY surface_no, platform, event_no
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    surface_no,
    platform,
    event_no,
    id_type,
    usable,
    CAST(unusable AS BIGINT) AS unusable
FROM (
    SELECT surface_no, platform, event_no, 'email' AS id_type, email AS usable, bad_email AS unusable FROM counted
    UNION ALL
    SELECT surface_no, platform, event_no, 'phone' AS id_type, phone AS usable, bad_phone AS unusable FROM counted
    UNION ALL
    SELECT surface_no, platform, event_no, 'ip' AS id_type, ip AS usable, bad_ip AS unusable FROM counted
) AS told

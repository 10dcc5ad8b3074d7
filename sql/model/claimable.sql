-- The records that a platform may count in what it reports: those sent to it, or the deduplicated conversions of an event of which none was sent; and the one reason why it should not count one.
-- grain: list of a known window and record
-- key: list_no, record_id
-- reads: ops.reported_list, ops.report_day, model.reported, model.record, model.conversion, model.conversion_record, model.match, model.touch, model.creative
-- params: as_of_us, late_us
-- not null: event_no, day_no, is_covered, is_sent, is_logged, cause
--
-- Only events that the list reports, from the first to the last day that it has; is_covered 0: later, but with its last
-- touch on one of these days, as a platform that counts by the touch reports it. touch_day_no: the day of the last touch
-- of the platform's campaigns inside the list's window before the conversion, NULL for none. is_logged: some touch of
-- these campaigns is in the exposure logs; a walled garden's are not, and then no record is held against its touches.
-- cause: 0 the platform should count it, 9 too, but it may be on its way; 1 environment, 2 in another currency than the
-- report's, 3 repeated, 5 a required parameter or the household is missing, 6 consent to measurement or personalisation is
-- denied, on it or on another record of its conversion, 7 no touch in the window, 8 another event or an adjustment, 10 refused by the platform or older than it takes.
WITH sent AS (
    SELECT platform, event_no
    FROM model.record
    WHERE surface_no < 5 AND platform IS NOT NULL AND category <> 1
    GROUP BY platform, event_no
),
covered AS (
    SELECT l.list_no, MIN(r.day_no) AS first_no, MAX(r.day_no) AS last_no
    FROM ops.reported_list AS l
    JOIN model.reported AS r ON r.platform = l.platform AND r.attribution_window = l.attribution_window
    GROUP BY l.list_no
),
wanted AS (
    SELECT
        l.list_no, l.platform, r.event_no,
        MAX(CASE WHEN s.event_no IS NULL THEN 0 ELSE 1 END) AS is_sent
    FROM ops.reported_list AS l
    JOIN model.reported AS r ON r.platform = l.platform AND r.attribution_window = l.attribution_window
    LEFT JOIN sent AS s ON s.platform = l.platform AND s.event_no = r.event_no
    WHERE l.window_us IS NOT NULL AND r.event_no <> 0
    GROUP BY l.list_no, l.platform, r.event_no
),
listed AS (
    SELECT
        w.list_no, w.is_sent, r.record_id, r.event_no, r.category, r.occurred_us, r.received_us, r.accept_us, r.platform_state,
        r.consent_personalisation, m.conversion_id
    FROM wanted AS w
    JOIN model.record AS r ON r.platform = w.platform AND r.event_no = w.event_no
    LEFT JOIN model.conversion_record AS m ON m.record_id = r.record_id
    WHERE w.is_sent = 1 AND r.surface_no < 5
    UNION ALL
    SELECT
        w.list_no, w.is_sent, r.record_id, r.event_no, r.category, r.occurred_us, r.received_us, r.accept_us, r.platform_state,
        r.consent_personalisation, c.conversion_id
    FROM wanted AS w
    JOIN model.conversion AS c ON c.event_no = w.event_no
    JOIN model.record AS r ON r.record_id = c.conversion_id
    WHERE w.is_sent = 0
),
shown AS (
    SELECT l.list_no, c.creative_id
    FROM ops.reported_list AS l
    JOIN model.reported AS r ON r.platform = l.platform AND r.attribution_window = l.attribution_window
    JOIN model.creative AS c ON c.campaign = r.campaign
    GROUP BY l.list_no, c.creative_id
),
logged AS (
    SELECT s.list_no
    FROM shown AS s
    JOIN model.touch AS t ON t.creative_id = s.creative_id
    WHERE t.is_delivered = 1
    GROUP BY s.list_no
),
touched AS (
    SELECT u.list_no, u.conversion_id, MAX(t.exposed_us) AS touched_us
    FROM (SELECT list_no, conversion_id FROM listed WHERE conversion_id IS NOT NULL GROUP BY list_no, conversion_id) AS u
    JOIN ops.reported_list AS l ON l.list_no = u.list_no
    JOIN model.conversion AS c ON c.conversion_id = u.conversion_id
    JOIN model.match AS x ON x.conversion_id = u.conversion_id
    JOIN model.touch AS t ON t.household_id = x.household_id
    JOIN shown AS s ON s.list_no = u.list_no AND s.creative_id = t.creative_id
    WHERE t.is_delivered = 1
      AND t.exposed_us < c.converted_us
      AND t.exposed_us >= c.converted_us - l.window_us
    GROUP BY u.list_no, u.conversion_id
),
told AS (
    SELECT
        l.list_no, l.is_sent, l.record_id, l.event_no, l.category, l.occurred_us, l.consent_personalisation, l.conversion_id, l.is_refused,
        ROW_NUMBER() OVER (PARTITION BY l.list_no, l.conversion_id ORDER BY l.is_refused, l.record_id) AS copy_no
    FROM (
        SELECT
            *,
            CASE
                WHEN is_sent = 0 OR platform_state = 'accepted' THEN 0
                WHEN platform_state = 'refused' OR received_us - occurred_us > accept_us THEN 1
                ELSE 0
            END AS is_refused
        FROM listed
    ) AS l
)
SELECT
    t.list_no,
    t.record_id,
    t.event_no,
    d.day_no,
    e.day_no AS touch_day_no,
    CASE WHEN d.day_no <= v.last_no THEN 1 ELSE 0 END AS is_covered,
    t.is_sent,
    CASE WHEN g.list_no IS NULL THEN 0 ELSE 1 END AS is_logged,
    CASE
        WHEN t.category = 1 THEN 1
        WHEN t.category = 4 THEN 2
        WHEN t.conversion_id IS NOT NULL AND t.copy_no > 1 THEN 3
        WHEN t.category = 3 THEN 5
        WHEN t.category = 7 OR t.consent_personalisation = 'denied' THEN 6
        WHEN t.category <> 0 THEN 8
        WHEN t.conversion_id IS NULL THEN 6
        WHEN t.is_refused = 1 THEN 10
        WHEN g.list_no IS NOT NULL AND x.conversion_id IS NULL THEN 5
        WHEN g.list_no IS NOT NULL AND u.conversion_id IS NULL THEN 7
        WHEN $as_of_us - t.occurred_us <= $late_us THEN 9
        ELSE 0
    END AS cause
FROM told AS t
JOIN covered AS v ON v.list_no = t.list_no
JOIN ops.report_day AS d ON d.quarter_us = t.occurred_us - MOD(t.occurred_us, 900000000)
LEFT JOIN logged AS g ON g.list_no = t.list_no
LEFT JOIN model.match AS x ON x.conversion_id = t.conversion_id
LEFT JOIN touched AS u ON u.list_no = t.list_no AND u.conversion_id = t.conversion_id
LEFT JOIN ops.report_day AS e ON e.quarter_us = u.touched_us - MOD(u.touched_us, 900000000)
WHERE d.day_no >= v.first_no AND (d.day_no <= v.last_no OR e.day_no <= v.last_no)

-- Conversions as platforms report them by the as-of, on the days and of the campaigns of the study.
-- grain: platform, stated window, campaign, event and day
-- key: platform, attribution_window, campaign, event_no, unknown_name, day_no
-- reads: clean.platform_report, ops.event_alias, ops.event_rule, ops.campaign, ops.report_day
-- params: as_of_us, all_campaigns
-- not null: conversions_micros
--
-- The rows of one file add up. What another file of the source states again counts as it was stated last, and of two
-- statements received at one time the larger. attribution_window: the platform's own words, '' where it states none.
-- An event is looked up by the platform's name for it on any surface, where all surfaces agree, and else by its
-- canonical name; event_no 0: neither, with its name in unknown_name, which is '' for all others.
WITH named AS (
    SELECT platform, event_name, MIN(event_no) AS event_no
    FROM ops.event_alias
    GROUP BY platform, event_name
    HAVING MIN(event_no) = MAX(event_no)
),
day AS (
    SELECT day_no FROM ops.report_day GROUP BY day_no
),
filed AS (
    SELECT
        source,
        file_id,
        day,
        platform,
        campaign,
        creative,
        COALESCE(event_name, '') AS event_name,
        COALESCE(attribution_window, '') AS attribution_window,
        MAX(received_us) AS received_us,
        SUM(conversions_micros) AS conversions_micros
    FROM clean.platform_report
    WHERE received_us <= $as_of_us
    GROUP BY source, file_id, day, platform, campaign, creative, COALESCE(event_name, ''), COALESCE(attribution_window, '')
),
stated AS (
    SELECT
        CAST(day - CAST('1970-01-01' AS DATE) AS BIGINT) AS day_no,
        platform,
        campaign,
        event_name,
        attribution_window,
        conversions_micros,
        ROW_NUMBER() OVER (
            PARTITION BY source, day, platform, campaign, creative, event_name, attribution_window
            ORDER BY received_us DESC, conversions_micros DESC, file_id
        ) AS statement_no
    FROM filed
),
known AS (
    SELECT
        s.platform,
        s.attribution_window,
        s.campaign,
        COALESCE(a.event_no, r.event_no, 0) AS event_no,
        CASE WHEN COALESCE(a.event_no, r.event_no) IS NULL THEN SUBSTRING(s.event_name, 1, 80) ELSE '' END AS unknown_name,
        s.day_no,
        s.conversions_micros
    FROM stated AS s
    JOIN day AS d ON d.day_no = s.day_no
    LEFT JOIN named AS a ON a.platform = s.platform AND a.event_name = s.event_name
    LEFT JOIN ops.event_rule AS r ON r.event = s.event_name
    WHERE s.statement_no = 1
      AND ($all_campaigns = 1 OR EXISTS (SELECT 1 FROM ops.campaign AS c WHERE c.campaign = s.campaign))
)
SELECT
    platform,
    attribution_window,
    campaign,
    event_no,
    unknown_name,
    day_no,
    CAST(SUM(conversions_micros) AS BIGINT) AS conversions_micros
FROM known
GROUP BY platform, attribution_window, campaign, event_no, unknown_name, day_no

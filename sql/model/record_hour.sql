-- Distinct records of events and orders by the hour in which they occurred, with how many of them carry each parameter.
-- grain: source, surface, platform, event, test traffic or not, currency, app version, day and hour
-- key: source_no, surface_no, platform, event_no, is_test, currency, app_version, day_no, hour_us
-- reads: model.record, ops.report_day, ops.event_range
-- params: none
-- not null: records, with_value, with_order_id, with_event_id, with_range, below, above, first_us, last_us
--
-- Hours are UTC, days those of the report. An order counts once, in its last state. Measurement denied, adjustments and
-- events that the dictionary does not have are left out; of test traffic such events are kept, as event 0.
-- A platform, currency or app version that a record does not state is ''. below, above: of the with_range records that have a value and an
-- event with a range, those outside it.
SELECT
    r.source_no,
    r.surface_no,
    COALESCE(r.platform, '') AS platform,
    r.event_no,
    CASE WHEN r.category = 1 THEN 1 ELSE 0 END AS is_test,
    COALESCE(r.currency, '') AS currency,
    COALESCE(r.app_version, '') AS app_version,
    d.day_no,
    r.occurred_us - MOD(r.occurred_us, 3600000000) AS hour_us,
    COUNT(*) AS records,
    SUM(CASE WHEN r.stated_micros IS NULL THEN 0 ELSE 1 END) AS with_value,
    SUM(CASE WHEN r.order_id IS NULL THEN 0 ELSE 1 END) AS with_order_id,
    SUM(CASE WHEN r.event_id IS NULL THEN 0 ELSE 1 END) AS with_event_id,
    SUM(CASE WHEN r.stated_micros IS NULL OR g.event_no IS NULL THEN 0 ELSE 1 END) AS with_range,
    SUM(CASE WHEN r.stated_micros < g.least_micros THEN 1 ELSE 0 END) AS below,
    SUM(CASE WHEN r.stated_micros > g.most_micros THEN 1 ELSE 0 END) AS above,
    MIN(r.occurred_us) AS first_us,
    MAX(r.occurred_us) AS last_us
FROM model.record AS r
JOIN ops.report_day AS d ON d.quarter_us = r.occurred_us - MOD(r.occurred_us, 900000000)
LEFT JOIN ops.event_range AS g ON g.event_no = r.event_no
WHERE r.category = 1 OR r.event_no > 0 AND r.category NOT IN (5, 7, 8)
GROUP BY
    r.source_no, r.surface_no, COALESCE(r.platform, ''), r.event_no, CASE WHEN r.category = 1 THEN 1 ELSE 0 END,
    COALESCE(r.currency, ''), COALESCE(r.app_version, ''), d.day_no, r.occurred_us - MOD(r.occurred_us, 3600000000)

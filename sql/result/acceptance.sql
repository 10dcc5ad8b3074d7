-- Event records by what their platform said of them, and how many came later than it accepts.
-- grain: run, source, platform, event, unknown name, oldest age accepted and platform's answer
-- key: run_id, source, platform, event_no, unknown_name, accept_us, platform_state
-- reads: model.record, ops.source, result.undefined_event
-- params: run_id
-- not null: records, aged, beyond_limit
--
-- accept_us 0: no limit is known, and none is exceeded. A record of exactly the limit's age is accepted. aged are the
-- records whose age on arrival is known: they were not received in the microsecond in which they occurred, which is
-- what a record that states no time of receipt has. unknown_name: of an event that is not in the dictionary, one of
-- the ten names that result.undefined_event tells, else empty. platform_state: accepted, refused, or unknown when the
-- archive holds no answer. Test traffic and what denied measurement are left out.
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    s.source,
    r.platform,
    r.event_no,
    COALESCE(u.event_name, '') AS unknown_name,
    COALESCE(r.accept_us, 0) AS accept_us,
    r.platform_state,
    COUNT(*) AS records,
    CAST(SUM(CASE WHEN r.received_us <> r.occurred_us THEN 1 ELSE 0 END) AS BIGINT) AS aged,
    CAST(SUM(CASE WHEN r.received_us - r.occurred_us > r.accept_us THEN 1 ELSE 0 END) AS BIGINT) AS beyond_limit
FROM model.record AS r
JOIN ops.source AS s ON s.source_no = r.source_no
LEFT JOIN result.undefined_event AS u
    ON u.run_id = $run_id AND u.source = s.source AND u.platform = r.platform AND u.event_name = r.unknown_name
WHERE r.surface_no < 5
  AND r.category NOT IN (1, 7)
GROUP BY
    s.source, r.platform, r.event_no, COALESCE(u.event_name, ''), COALESCE(r.accept_us, 0), r.platform_state

-- Counts that decide whether the numbers can be trusted, each with what it is out of.
-- grain: run and count
-- key: run_id, name
-- reads: clean.assignment, clean.exposure, clean.serving, clean.identity_link, clean.spend, model.creative, model.exposed_household, model.unit, model.touch, model.conversion, model.conversion_record, model.match, model.uncounted, model.record, model.last_touch, ops.arm, ops.match_window
-- params: run_id, as_of_us, from_us, until_us, from_day, until_day, currency, assignment_source, outcome_us, late_us, event_no, use_pixel, use_server, use_app, use_analytics, use_crm
-- not null: found, out_of
--
-- exposures_without_household: impressions of the study that lead to no household, so to no touch. invalid_exposures
-- and progress_exposures are no touches either; all four kinds together are the log's distinct rows.
WITH assigned AS (
    SELECT
        a.household_key,
        COUNT(DISTINCT r.arm_no) AS arms,
        MAX(CASE WHEN r.arm_no IS NULL THEN 1 ELSE 0 END) AS is_strange
    FROM clean.assignment AS a
    LEFT JOIN ops.arm AS r ON r.arm = a.arm
    WHERE a.source = $assignment_source AND a.received_us <= $as_of_us
      AND a.assigned_us >= $from_us AND a.assigned_us < $until_us
    GROUP BY a.household_key
),
linked AS (
    SELECT l.id_type, l.id_key, l.household_key, MAX(l.last_seen_us) AS last_seen_us
    FROM clean.identity_link AS l
    WHERE l.received_us <= $as_of_us
    GROUP BY l.id_type, l.id_key, l.household_key
),
address AS (
    SELECT id_key, COUNT(*) AS households
    FROM linked
    WHERE id_type = 'ip'
    GROUP BY id_key
),
leak AS (
    SELECT u.household_id, MAX(COALESCE(t.is_delivered, 0)) AS is_exposed
    FROM model.unit AS u
    JOIN ops.arm AS r ON r.arm_no = u.arm_no
    LEFT JOIN model.touch AS t ON t.household_id = u.household_id
    WHERE r.is_holdout = 1
    GROUP BY u.household_id
),
logged AS (
    SELECT DISTINCT
        e.exposure_id, e.exposed_us, c.creative_id, s.kind, e.quartile, e.household_key, e.device_key, e.ip_key, e.customer_key,
        CASE
            WHEN s.kind = 'progress' THEN 'progress'
            WHEN e.is_invalid THEN 'invalid'
            ELSE 'unplaced'
        END AS fate
    FROM clean.exposure AS e
    JOIN clean.serving AS s ON s.file_id = e.file_id AND s.serving_no = e.serving_no
    JOIN model.creative AS c ON c.campaign = s.campaign AND c.creative = s.creative
    WHERE e.received_us <= $as_of_us AND e.exposed_us >= $from_us AND e.exposed_us < $until_us
      AND (s.kind = 'progress' OR e.is_invalid OR e.household_key IS NULL)
      AND (s.kind = 'progress' OR e.is_invalid OR NOT EXISTS (
          SELECT 1 FROM model.exposed_household AS m WHERE m.file_id = e.file_id AND m.line_no = e.line_no
      ))
),
exposed AS (
    SELECT SUM(unplaced) AS unplaced, SUM(invalid) AS invalid, SUM(progress) AS progress, SUM(placed) AS placed
    FROM (
        SELECT
            CASE WHEN fate = 'unplaced' THEN 1 ELSE 0 END AS unplaced,
            CASE WHEN fate = 'invalid' THEN 1 ELSE 0 END AS invalid,
            CASE WHEN fate = 'progress' THEN 1 ELSE 0 END AS progress,
            0 AS placed
        FROM logged
        UNION ALL
        SELECT 0 AS unplaced, 0 AS invalid, 0 AS progress, impressions AS placed FROM model.touch
    ) AS kinds
),
counted AS (
    SELECT 'units_in_two_arms' AS name, COALESCE(SUM(CASE WHEN arms > 1 THEN 1 ELSE 0 END), 0) AS found, COUNT(*) AS out_of FROM assigned
    UNION ALL
    SELECT 'units_in_unknown_arm' AS name, COALESCE(SUM(is_strange), 0) AS found, COUNT(*) AS out_of FROM assigned
    UNION ALL
    SELECT 'assignments_outside_period' AS name,
        COUNT(DISTINCT CASE WHEN assigned_us < $from_us OR assigned_us >= $until_us THEN row_key END) AS found,
        COUNT(DISTINCT row_key) AS out_of
    FROM clean.assignment
    WHERE source = $assignment_source AND received_us <= $as_of_us
    UNION ALL
    SELECT 'spend_in_other_currency' AS name,
        COUNT(DISTINCT CASE WHEN currency <> $currency THEN row_key END) AS found,
        COUNT(DISTINCT row_key) AS out_of
    FROM clean.spend
    WHERE received_us <= $as_of_us AND day >= CAST($from_day AS DATE) AND day < CAST($until_day AS DATE)
    UNION ALL
    SELECT 'conversions_of_units' AS name, COUNT(u.household_id) AS found, COUNT(*) AS out_of
    FROM model.match AS x
    LEFT JOIN model.unit AS u ON u.household_id = x.household_id
    UNION ALL
    SELECT 'units_with_open_window' AS name,
        COALESCE(SUM(CASE WHEN assigned_us + $outcome_us > $as_of_us THEN 1 ELSE 0 END), 0) AS found, COUNT(*) AS out_of
    FROM model.unit
    UNION ALL
    SELECT 'holdout_units_exposed' AS name, COALESCE(SUM(is_exposed), 0) AS found, COUNT(*) AS out_of FROM leak
    UNION ALL
    SELECT 'shared_ips' AS name, COALESCE(SUM(CASE WHEN households > 1 THEN 1 ELSE 0 END), 0) AS found, COUNT(*) AS out_of FROM address
    UNION ALL
    SELECT 'stale_links' AS name,
        COALESCE(SUM(CASE WHEN l.last_seen_us < $from_us - w.window_us THEN 1 ELSE 0 END), 0) AS found, COUNT(*) AS out_of
    FROM linked AS l
    JOIN ops.match_window AS w ON w.link_type = l.id_type
    UNION ALL
    SELECT 'late_records' AS name,
        COALESCE(SUM(CASE WHEN received_us - occurred_us > $late_us THEN 1 ELSE 0 END), 0) AS found, COUNT(*) AS out_of
    FROM model.record
    WHERE surface_no < 5 AND category <> 7
    UNION ALL
    SELECT 'duplicate_records' AS name, COALESCE(SUM(records - 1), 0) AS found, COALESCE(SUM(records), 0) AS out_of
    FROM (
        SELECT m.conversion_id, COUNT(*) AS records
        FROM model.conversion_record AS m
        JOIN model.record AS r ON r.record_id = m.record_id
        WHERE r.surface_no < 5
        GROUP BY m.conversion_id
    ) AS told
    UNION ALL
    SELECT 'matched_conversions' AS name, COUNT(m.conversion_id) AS found, COUNT(*) AS out_of
    FROM model.conversion AS c
    LEFT JOIN model.match AS m ON m.conversion_id = c.conversion_id
    UNION ALL
    SELECT 'exposures_without_household' AS name, COALESCE(unplaced, 0) AS found, COALESCE(unplaced + placed, 0) AS out_of
    FROM exposed
    UNION ALL
    SELECT 'invalid_exposures' AS name, COALESCE(invalid, 0) AS found, COALESCE(invalid + unplaced + placed, 0) AS out_of
    FROM exposed
    UNION ALL
    SELECT 'progress_exposures' AS name, COALESCE(progress, 0) AS found,
        COALESCE(progress + invalid + unplaced + placed, 0) AS out_of
    FROM exposed
    UNION ALL
    SELECT 'attributable_conversions' AS name, COUNT(t.conversion_id) AS found, COUNT(*) AS out_of
    FROM model.conversion AS c
    LEFT JOIN model.uncounted AS n ON n.metric_no = 0 AND n.conversion_id = c.conversion_id
    LEFT JOIN model.last_touch AS t ON t.conversion_id = c.conversion_id
    WHERE n.conversion_id IS NULL AND c.event_no = $event_no
      AND c.is_pixel * $use_pixel + c.is_server * $use_server + c.is_app * $use_app
        + c.is_analytics * $use_analytics + c.is_crm * $use_crm > 0
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    name,
    CAST(found AS BIGINT) AS found,
    CAST(out_of AS BIGINT) AS out_of
FROM counted

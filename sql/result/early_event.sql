-- How long before its order was paid a purchase was reported: exact order statistics of paid minus occurred, by list and event.
-- grain: run, list and event
-- key: run_id, surface_no, platform, event_no
-- reads: model.verified
-- params: run_id
-- not null: units, p50_us, p95_us
--
-- Only of units that were reported before, and whose CRM says when they were paid. pNN_us is the smallest time that at
-- least NN of 100 of them do not exceed (nearest rank), in microseconds.
WITH early AS (
    SELECT surface_no, platform, event_no, early_us, COUNT(*) AS units
    FROM model.verified
    WHERE early_us IS NOT NULL
    GROUP BY surface_no, platform, event_no, early_us
),
ranked AS (
    SELECT
        surface_no, platform, event_no, early_us,
        SUM(units) OVER (
            PARTITION BY surface_no, platform, event_no ORDER BY early_us ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS up_to,
        SUM(units) OVER (PARTITION BY surface_no, platform, event_no) AS units
    FROM early
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    surface_no,
    platform,
    event_no,
    CAST(MAX(units) AS BIGINT) AS units,
    MIN(CASE WHEN up_to * 100 >= units * 50 THEN early_us END) AS p50_us,
    MIN(CASE WHEN up_to * 100 >= units * 95 THEN early_us END) AS p95_us
FROM ranked
GROUP BY surface_no, platform, event_no

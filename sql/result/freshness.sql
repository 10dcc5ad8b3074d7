-- How long after what it tells of a record arrived: exact order statistics of received minus occurred, by source.
-- grain: run and source of events or orders
-- key: run_id, source
-- reads: model.record, ops.source
-- params: run_id
-- not null: records
--
-- pNN_us is the smallest delay that at least NN of 100 records do not exceed (nearest rank), in microseconds. It is NULL
-- when every record of the source was received in the microsecond in which it occurred: such a source states no time
-- of receipt. A restated order counts at every statement. Test traffic and what denied measurement are left out.
WITH delayed AS (
    SELECT source_no, received_us - occurred_us AS delay_us, COUNT(*) AS records
    FROM model.record
    WHERE category NOT IN (1, 7)
    GROUP BY source_no, received_us - occurred_us
),
ranked AS (
    SELECT
        source_no,
        delay_us,
        SUM(records) OVER (
            PARTITION BY source_no ORDER BY delay_us ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS up_to,
        SUM(records) OVER (PARTITION BY source_no) AS records
    FROM delayed
),
found AS (
    SELECT
        source_no,
        MAX(records) AS records,
        MAX(CASE WHEN delay_us <> 0 THEN 1 ELSE 0 END) AS is_known,
        MIN(CASE WHEN up_to * 100 >= records * 50 THEN delay_us END) AS p50_us,
        MIN(CASE WHEN up_to * 100 >= records * 95 THEN delay_us END) AS p95_us,
        MIN(CASE WHEN up_to * 100 >= records * 99 THEN delay_us END) AS p99_us
    FROM ranked
    GROUP BY source_no
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    s.source,
    CAST(f.records AS BIGINT) AS records,
    CASE WHEN f.is_known = 1 THEN f.p50_us END AS p50_us,
    CASE WHEN f.is_known = 1 THEN f.p95_us END AS p95_us,
    CASE WHEN f.is_known = 1 THEN f.p99_us END AS p99_us
FROM found AS f
JOIN ops.source AS s ON s.source_no = f.source_no

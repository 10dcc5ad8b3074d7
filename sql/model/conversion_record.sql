-- Which conversion every usable record tells of: records of one event with one order id, or with one event id inside the dedup span, are one conversion.
-- grain: usable record
-- key: record_id
-- reads: model.record
-- params: span_us
-- not null: conversion_id, event_no
--
-- The span of an event id runs from its first record; an id that comes back after a pause longer than the span
-- begins anew. An order id that only one side sent reaches its twins through the shared event id.
WITH usable AS (
    SELECT
        record_id, event_no, event_id, order_id, occurred_us,
        MAX(occurred_us) OVER (
            PARTITION BY event_no, event_id ORDER BY occurred_us, record_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS previous_us
    FROM model.record
    WHERE category = 0
),
started AS (
    SELECT
        record_id, event_no, event_id, order_id, occurred_us,
        SUM(CASE WHEN previous_us IS NULL OR occurred_us - previous_us > $span_us THEN 1 ELSE 0 END) OVER (
            PARTITION BY event_no, event_id ORDER BY occurred_us, record_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS start_no
    FROM usable
),
spanned AS (
    SELECT
        record_id, event_no, event_id, order_id, start_no,
        CASE
            WHEN event_id IS NULL THEN 0
            WHEN occurred_us - MIN(occurred_us) OVER (PARTITION BY event_no, event_id, start_no) <= $span_us THEN 1
            ELSE 0
        END AS is_in_span
    FROM started
),
named AS (
    SELECT
        record_id, event_no, event_id, start_no, is_in_span,
        CASE
            WHEN order_id IS NOT NULL THEN order_id
            WHEN is_in_span = 1 THEN MIN(order_id) OVER (PARTITION BY event_no, event_id, start_no, is_in_span)
        END AS order_id
    FROM spanned
),
keyed AS (
    SELECT
        record_id, event_no,
        CASE
            WHEN order_id IS NOT NULL THEN 'o' || order_id
            WHEN is_in_span = 1 THEN 'e' || CAST(start_no AS VARCHAR) || ' ' || event_id
            ELSE 'r' || CAST(record_id AS VARCHAR)
        END AS conversion_key
    FROM named
)
SELECT
    record_id,
    event_no,
    MIN(record_id) OVER (PARTITION BY event_no, conversion_key) AS conversion_id
FROM keyed

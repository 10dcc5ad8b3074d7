-- Which conversion every usable record tells of: records of one event with one order id, or with one event id inside the dedup span, are one conversion.
-- grain: usable record
-- key: record_id
-- reads: model.record
-- params: span_us
-- not null: conversion_id, event_no
--
-- An order id that only one side sent reaches its twins through the shared event id.
WITH spanned AS (
    SELECT
        record_id, event_no, event_id, order_id,
        CASE
            WHEN event_id IS NULL THEN 0
            WHEN occurred_us - MIN(occurred_us) OVER (PARTITION BY event_no, event_id) <= $span_us THEN 1
            ELSE 0
        END AS is_in_span
    FROM model.record
    WHERE category = 0
),
named AS (
    SELECT
        record_id, event_no, event_id, is_in_span,
        CASE
            WHEN order_id IS NOT NULL THEN order_id
            WHEN is_in_span = 1 THEN MIN(order_id) OVER (PARTITION BY event_no, event_id, is_in_span)
        END AS order_id
    FROM spanned
),
keyed AS (
    SELECT
        record_id, event_no,
        CASE
            WHEN order_id IS NOT NULL THEN 'o' || order_id
            WHEN is_in_span = 1 THEN 'e' || event_id
            ELSE 'r' || CAST(record_id AS VARCHAR)
        END AS conversion_key
    FROM named
)
SELECT
    record_id,
    event_no,
    MIN(record_id) OVER (PARTITION BY event_no, conversion_key) AS conversion_id
FROM keyed

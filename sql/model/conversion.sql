-- Canonical conversions after dedup: the earliest time, the value of the best authority, and the surfaces that saw it.
-- grain: conversion
-- key: conversion_id
-- reads: model.conversion_record, model.record
-- params: none
-- not null: event_no, converted_us, is_pixel, is_server, is_app, is_analytics, is_crm, records
--
-- Authority over the value: crm, server, pixel, app, analytics.
SELECT
    m.conversion_id,
    MIN(m.event_no) AS event_no,
    MIN(r.occurred_us) AS converted_us,
    COALESCE(
        MAX(CASE WHEN r.surface_no = 5 THEN r.value_micros END),
        MAX(CASE WHEN r.surface_no = 2 THEN r.value_micros END),
        MAX(CASE WHEN r.surface_no = 1 THEN r.value_micros END),
        MAX(CASE WHEN r.surface_no = 3 THEN r.value_micros END),
        MAX(CASE WHEN r.surface_no = 4 THEN r.value_micros END)
    ) AS value_micros,
    MAX(CASE WHEN r.surface_no = 1 THEN 1 ELSE 0 END) AS is_pixel,
    MAX(CASE WHEN r.surface_no = 2 THEN 1 ELSE 0 END) AS is_server,
    MAX(CASE WHEN r.surface_no = 3 THEN 1 ELSE 0 END) AS is_app,
    MAX(CASE WHEN r.surface_no = 4 THEN 1 ELSE 0 END) AS is_analytics,
    MAX(CASE WHEN r.surface_no = 5 THEN 1 ELSE 0 END) AS is_crm,
    COUNT(*) AS records
FROM model.conversion_record AS m
JOIN model.record AS r ON r.record_id = m.record_id
GROUP BY m.conversion_id

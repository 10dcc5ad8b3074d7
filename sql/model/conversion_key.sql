-- Identifiers that the records of a conversion carry, all of them together, and raw ones as every platform hashes them.
-- grain: conversion, link type and identifier
-- key: conversion_id, link_type, id_key
-- reads: model.conversion_record, model.shared_record, model.record, ops.authority, clean.identifier
-- params: none
--
-- Of surfaces that the study takes identifiers from, but for records that dedup drops.
WITH telling AS (
    SELECT m.conversion_id, r.email_key, r.phone_key, r.customer_key, r.device_key, r.ip_key, r.household_key, r.row_key
    FROM model.conversion_record AS m
    JOIN model.record AS r ON r.record_id = m.record_id
    JOIN ops.authority AS a ON a.surface_no = r.surface_no
    LEFT JOIN model.shared_record AS s ON s.record_id = m.record_id
    WHERE a.is_identifying = 1
      AND COALESCE(s.is_dropped, 0) = 0
)
SELECT conversion_id, link_type, id_key
FROM (
    SELECT conversion_id, 'email' AS link_type, email_key AS id_key FROM telling WHERE email_key IS NOT NULL
    UNION ALL
    SELECT conversion_id, 'phone' AS link_type, phone_key AS id_key FROM telling WHERE phone_key IS NOT NULL
    UNION ALL
    SELECT conversion_id, 'customer' AS link_type, customer_key AS id_key FROM telling WHERE customer_key IS NOT NULL
    UNION ALL
    SELECT conversion_id, 'device' AS link_type, device_key AS id_key FROM telling WHERE device_key IS NOT NULL
    UNION ALL
    SELECT conversion_id, 'ip' AS link_type, ip_key AS id_key FROM telling WHERE ip_key IS NOT NULL
    UNION ALL
    SELECT conversion_id, 'household' AS link_type, household_key AS id_key FROM telling WHERE household_key IS NOT NULL
    UNION ALL
    SELECT t.conversion_id, i.id_type AS link_type, i.id_key
    FROM telling AS t
    JOIN clean.identifier AS i ON i.row_key = t.row_key
    WHERE i.table_name <> 'identity_link'
) AS carried
GROUP BY conversion_id, link_type, id_key

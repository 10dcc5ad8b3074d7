-- Identifiers that the records of a conversion carry, all of them together, and raw ones as every platform hashes them.
-- grain: conversion, link type and identifier
-- key: conversion_id, link_type, id_key
-- reads: model.conversion_record, model.record, clean.identifier
-- params: none
SELECT conversion_id, link_type, id_key
FROM (
    SELECT m.conversion_id, 'email' AS link_type, r.email_key AS id_key
    FROM model.conversion_record AS m JOIN model.record AS r ON r.record_id = m.record_id
    WHERE r.email_key IS NOT NULL
    UNION ALL
    SELECT m.conversion_id, 'phone' AS link_type, r.phone_key AS id_key
    FROM model.conversion_record AS m JOIN model.record AS r ON r.record_id = m.record_id
    WHERE r.phone_key IS NOT NULL
    UNION ALL
    SELECT m.conversion_id, 'customer' AS link_type, r.customer_key AS id_key
    FROM model.conversion_record AS m JOIN model.record AS r ON r.record_id = m.record_id
    WHERE r.customer_key IS NOT NULL
    UNION ALL
    SELECT m.conversion_id, 'device' AS link_type, r.device_key AS id_key
    FROM model.conversion_record AS m JOIN model.record AS r ON r.record_id = m.record_id
    WHERE r.device_key IS NOT NULL
    UNION ALL
    SELECT m.conversion_id, 'ip' AS link_type, r.ip_key AS id_key
    FROM model.conversion_record AS m JOIN model.record AS r ON r.record_id = m.record_id
    WHERE r.ip_key IS NOT NULL
    UNION ALL
    SELECT m.conversion_id, 'household' AS link_type, r.household_key AS id_key
    FROM model.conversion_record AS m JOIN model.record AS r ON r.record_id = m.record_id
    WHERE r.household_key IS NOT NULL
    UNION ALL
    SELECT m.conversion_id, i.id_type AS link_type, i.id_key
    FROM model.conversion_record AS m
    JOIN model.record AS r ON r.record_id = m.record_id
    JOIN clean.identifier AS i ON i.row_key = r.row_key
    WHERE i.table_name <> 'identity_link'
) AS carried
GROUP BY conversion_id, link_type, id_key

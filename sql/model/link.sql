-- Evidence that an identifier belongs to a household, in every form that a platform may hash the identifier in.
-- grain: identifier, household and the span in which it was seen
-- key: id_type, id_key, household_id, first_seen_us, last_seen_us
-- reads: clean.identity_link, clean.identifier, model.household
-- params: as_of_us
SELECT id_type, id_key, household_id, first_seen_us, last_seen_us
FROM (
    SELECT l.id_type, l.id_key, h.household_id, l.first_seen_us, l.last_seen_us
    FROM clean.identity_link AS l
    JOIN model.household AS h ON h.household_key = l.household_key
    WHERE l.received_us <= $as_of_us
    UNION ALL
    SELECT l.id_type, i.id_key, h.household_id, l.first_seen_us, l.last_seen_us
    FROM clean.identifier AS i
    JOIN clean.identity_link AS l ON l.row_key = i.row_key
    JOIN model.household AS h ON h.household_key = l.household_key
    WHERE i.table_name = 'identity_link' AND l.received_us <= $as_of_us
) AS seen
GROUP BY id_type, id_key, household_id, first_seen_us, last_seen_us

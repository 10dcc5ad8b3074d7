-- Conversions of the study's period as the lists of events count them together, and as they are after dedup.
-- grain: run and event
-- key: run_id, event_no
-- reads: model.record, model.conversion_record, model.conversion
-- params: run_id, from_us, until_us
-- not null: records, conversions
--
-- conversions: those that some list of events has; one that only the CRM knows is in neither number. A conversion is of
-- the period in which it took place, and its records with it.
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    c.event_no,
    COUNT(*) AS records,
    COUNT(DISTINCT c.conversion_id) AS conversions
FROM model.conversion AS c
JOIN model.conversion_record AS m ON m.conversion_id = c.conversion_id
JOIN model.record AS r ON r.record_id = m.record_id
WHERE r.surface_no < 5 AND c.converted_us >= $from_us AND c.converted_us < $until_us
GROUP BY c.event_no

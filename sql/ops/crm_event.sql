-- Event dictionary: which CRM order states are a canonical event.
-- grain: order state
-- key: status
-- reads: none
-- params: none
-- not null: event_no, is_counted
SELECT
    CAST(NULL AS VARCHAR) AS status,
    CAST(NULL AS BIGINT) AS event_no,
    CAST(NULL AS BIGINT) AS is_counted
WHERE FALSE

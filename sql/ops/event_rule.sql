-- Event dictionary: canonical events and the parameters each must carry.
-- grain: canonical event
-- key: event_no
-- reads: none
-- params: none
-- not null: event, stage, needs_value, needs_currency, needs_order_id, needs_event_id
SELECT
    CAST(NULL AS BIGINT) AS event_no,
    CAST(NULL AS VARCHAR) AS event,
    CAST(NULL AS VARCHAR) AS stage,
    CAST(NULL AS BIGINT) AS needs_value,
    CAST(NULL AS BIGINT) AS needs_currency,
    CAST(NULL AS BIGINT) AS needs_order_id,
    CAST(NULL AS BIGINT) AS needs_event_id
WHERE FALSE

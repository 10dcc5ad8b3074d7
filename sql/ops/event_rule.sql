-- Event dictionary: canonical events, the parameters each must carry and what a record of each is worth.
-- grain: canonical event
-- key: event_no
-- reads: none
-- params: none
-- not null: event, stage, needs_value, needs_currency, needs_order_id, needs_event_id, is_gross, counting_no
--
-- fixed_micros: the value of every record of the event, whatever it states; NULL unless the value rule is fixed.
-- counting_no: 0 every conversion counts, 1 the first of a unit and day, 2 the first of a unit.
SELECT
    CAST(NULL AS BIGINT) AS event_no,
    CAST(NULL AS VARCHAR) AS event,
    CAST(NULL AS VARCHAR) AS stage,
    CAST(NULL AS BIGINT) AS needs_value,
    CAST(NULL AS BIGINT) AS needs_currency,
    CAST(NULL AS BIGINT) AS needs_order_id,
    CAST(NULL AS BIGINT) AS needs_event_id,
    CAST(NULL AS BIGINT) AS is_gross,
    CAST(NULL AS BIGINT) AS fixed_micros,
    CAST(NULL AS BIGINT) AS counting_no
WHERE FALSE

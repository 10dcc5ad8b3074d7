-- Orders as the CRM or the shop exported them, with their payment state, one file after another.
-- grain: distinct order record of a file
-- key: file_id, row_key
-- reads: stage_crm_order
-- params: source, file_id
-- not null: source, order_id, ordered_at, ordered_us, received_us, status, refunded_micros, consent_measurement, consent_personalisation
SELECT
    CAST($source AS VARCHAR) AS source,
    order_id,
    alt_order_id,
    make_timestamp(ordered_us) AS ordered_at,
    ordered_us,
    paid_us,
    received_us,
    status,
    stated_status,
    value_micros,
    refunded_micros,
    currency,
    consent_measurement,
    consent_personalisation,
    consent_text,
    household_key,
    email_key,
    phone_key,
    customer_key,
    row_key,
    CAST($file_id AS BIGINT) AS file_id,
    line_no
FROM stage_crm_order
WHERE problem IS NULL

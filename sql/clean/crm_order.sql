-- Orders as the CRM or the shop exported them, with their payment state, one file after another.
-- grain: distinct order record of a file
-- key: file_id, row_key
-- reads: stage_crm_order
-- params: source, file_id
-- not null: source, order_id, ordered_at, ordered_us, received_us, status, refunded_micros
SELECT
    CAST($source AS VARCHAR) AS source,
    order_id,
    make_timestamp(ordered_us) AS ordered_at,
    ordered_us,
    received_us,
    status,
    value_micros,
    refunded_micros,
    currency,
    household_key,
    email_key,
    phone_key,
    customer_key,
    row_key,
    CAST($file_id AS BIGINT) AS file_id,
    line_no
FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY row_key ORDER BY line_no) AS repeat_no
    FROM stage_crm_order
    WHERE problem IS NULL
)
WHERE repeat_no = 1

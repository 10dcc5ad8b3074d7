-- Conversion events as pixel, server, app and analytics sent them, one file after another.
-- grain: distinct event record of a file
-- key: file_id, row_key
-- reads: stage_event
-- params: source, file_id
-- not null: source, surface, platform, event_name, occurred_at, occurred_us, received_us, is_test
SELECT
    CAST($source AS VARCHAR) AS source,
    surface,
    platform,
    event_name,
    event_id,
    order_id,
    make_timestamp(occurred_us) AS occurred_at,
    occurred_us,
    received_us,
    value_micros,
    currency,
    is_test,
    household_key,
    email_key,
    phone_key,
    device_key,
    ip_key,
    customer_key,
    row_key,
    CAST($file_id AS BIGINT) AS file_id,
    line_no
FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY row_key ORDER BY line_no) AS repeat_no
    FROM stage_event
    WHERE problem IS NULL
)
WHERE repeat_no = 1

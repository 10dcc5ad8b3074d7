-- Conversion events as pixel, server, app and analytics sent them, one file after another.
-- grain: distinct event record of a file
-- key: file_id, row_key
-- reads: stage_event
-- params: file_id
-- not null: signal_no, occurred_at, occurred_us, received_us, platform_state
-- uncompressed: event_id, order_id, platform_state, consent_text, household_key, email_key, phone_key, device_key, ip_key, customer_key, click_key, cookie_key, row_key
--
-- What event it was and who sent it is in clean.signal by file_id and signal_no. platform_state says whether the
-- platform took it, as far as the archive tells. An event that was sent more than once counts as received when it
-- first was, with the best answer it ever got: accepted, unknown, refused. unusable: of which identifiers a value was left
-- out because it is not well formed, as a sum of 1 e-mail address, 2 phone number and 4 IP address; NULL for none.
SELECT
    signal_no,
    event_id,
    order_id,
    make_timestamp(occurred_us) AS occurred_at,
    occurred_us,
    received_us,
    platform_state,
    value_micros,
    consent_text,
    household_key,
    email_key,
    phone_key,
    device_key,
    ip_key,
    customer_key,
    click_key,
    cookie_key,
    unusable,
    row_key,
    CAST($file_id AS BIGINT) AS file_id,
    line_no
FROM stage_event
WHERE problem IS NULL

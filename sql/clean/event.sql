-- Conversion events as pixel, server, app and analytics sent them, one file after another.
-- grain: distinct event record of a file
-- key: file_id, row_key
-- reads: stage_event
-- params: source, file_id
-- not null: source, surface, platform, event_name, kind, occurred_at, occurred_us, received_us, platform_state, is_test, consent_measurement, consent_personalisation
-- uncompressed: source, surface, platform, event_name, canonical_name, kind, event_id, dataset_id, order_id, platform_state, currency, action_source, consent_measurement, consent_personalisation, consent_text, household_key, email_key, phone_key, device_key, ip_key, customer_key, click_key, cookie_key, row_key
--
-- canonical_name is what the platform's mapping pack calls the event, accept_us how old the platform takes one, and
-- platform_state whether it took this one, as far as the archive says. An event that was sent more than once counts
-- as received when it first was, with the best answer it ever got: accepted, unknown, refused.
SELECT
    CAST($source AS VARCHAR) AS source,
    surface,
    platform,
    event_name,
    canonical_name,
    kind,
    event_id,
    dataset_id,
    order_id,
    make_timestamp(occurred_us) AS occurred_at,
    occurred_us,
    received_us,
    accept_us,
    platform_state,
    value_micros,
    currency,
    action_source,
    is_test,
    consent_measurement,
    consent_personalisation,
    consent_text,
    household_key,
    email_key,
    phone_key,
    device_key,
    ip_key,
    customer_key,
    click_key,
    cookie_key,
    row_key,
    CAST($file_id AS BIGINT) AS file_id,
    line_no
FROM stage_event
WHERE problem IS NULL

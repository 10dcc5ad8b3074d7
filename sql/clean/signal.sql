-- What conversion events say they are, each combination once: who sent them, of which event, in whose consent.
-- grain: signal that a file holds
-- key: file_id, signal_no
-- reads: stage_signal
-- params: source, file_id
-- not null: source, surface, platform, event_name, kind, is_test, consent_measurement, consent_personalisation
--
-- device_family and browser_family are of the user agent, which is not stored; NULL where a source tells none.
-- canonical_name is what the platform's mapping pack calls the event, accept_us how old the platform takes one.
-- Events name theirs by number, because many of them share a few. A file with very many combinations may name one twice.
SELECT
    signal_no,
    CAST($source AS VARCHAR) AS source,
    surface,
    platform,
    event_name,
    canonical_name,
    kind,
    dataset_id,
    accept_us,
    currency,
    action_source,
    app_version,
    device_family,
    browser_family,
    is_test,
    consent_measurement,
    consent_personalisation,
    CAST($file_id AS BIGINT) AS file_id
FROM stage_signal
WHERE problem IS NULL

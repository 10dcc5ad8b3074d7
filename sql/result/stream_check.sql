-- Checks of the streams of events and orders, each with its outcome.
-- grain: run and check
-- key: run_id, check_no
-- reads: none
-- params: none
-- not null: name, status, source, surface_no, platform, event_no, subject, records, found, detail
--
-- status: ok, look, failed or not seen. event_no 0 is every event, and surface_no 0 every surface, of the source.
-- found: of the records, those that the check found something in.
SELECT
    CAST(NULL AS VARCHAR) AS run_id,
    CAST(NULL AS BIGINT) AS check_no,
    CAST(NULL AS VARCHAR) AS name,
    CAST(NULL AS VARCHAR) AS status,
    CAST(NULL AS VARCHAR) AS source,
    CAST(NULL AS BIGINT) AS surface_no,
    CAST(NULL AS VARCHAR) AS platform,
    CAST(NULL AS BIGINT) AS event_no,
    CAST(NULL AS VARCHAR) AS subject,
    CAST(NULL AS BIGINT) AS records,
    CAST(NULL AS BIGINT) AS found,
    CAST(NULL AS VARCHAR) AS detail
WHERE FALSE

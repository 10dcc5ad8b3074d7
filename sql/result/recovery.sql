-- Conversions that the pixel saw, and those that only the server did, by device and browser.
-- grain: run, event, device family and browser family
-- key: run_id, event_no, device_family, browser_family
-- reads: model.record, model.conversion_record, model.conversion
-- params: run_id
-- not null: pixel, pixel_and_server, server_only, server_only_in_crm
--
-- Of a conversion the first record that tells its device says it, one of the pixel if there is one; '' where none does.
-- server_only: the server saw it, and neither pixel nor app did; server_only_in_crm: those of them with an order.
WITH told AS (
    SELECT
        m.conversion_id,
        COALESCE(MIN(CASE WHEN r.surface_no = 1 THEN r.record_id END), MIN(r.record_id)) AS record_id
    FROM model.conversion_record AS m
    JOIN model.record AS r ON r.record_id = m.record_id
    WHERE r.device_family IS NOT NULL OR r.browser_family IS NOT NULL
    GROUP BY m.conversion_id
)
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    c.event_no,
    COALESCE(r.device_family, '') AS device_family,
    COALESCE(r.browser_family, '') AS browser_family,
    CAST(SUM(c.is_pixel) AS BIGINT) AS pixel,
    CAST(SUM(c.is_pixel * c.is_server) AS BIGINT) AS pixel_and_server,
    CAST(SUM(CASE WHEN c.is_pixel + c.is_app = 0 THEN 1 ELSE 0 END) AS BIGINT) AS server_only,
    CAST(SUM(CASE WHEN c.is_pixel + c.is_app = 0 THEN c.is_crm ELSE 0 END) AS BIGINT) AS server_only_in_crm
FROM model.conversion AS c
LEFT JOIN told AS t ON t.conversion_id = c.conversion_id
LEFT JOIN model.record AS r ON r.record_id = t.record_id
WHERE c.is_pixel + c.is_server > 0
GROUP BY c.event_no, COALESCE(r.device_family, ''), COALESCE(r.browser_family, '')

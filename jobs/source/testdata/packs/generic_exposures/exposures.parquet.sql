SELECT 'e-1' AS exposure_id, 'h1' AS household, TIMESTAMPTZ '2025-09-07 00:00:01+00' AS exposed_at, 'Autumn' AS campaign, 'Warm' AS creative

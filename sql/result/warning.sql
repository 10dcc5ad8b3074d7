-- Doubts that a reader of the report must see.
-- grain: run and warning
-- key: run_id, warning_no
-- reads: none
-- params: none
-- not null: code, severity, message
SELECT
    CAST(NULL AS VARCHAR) AS run_id,
    CAST(NULL AS BIGINT) AS warning_no,
    CAST(NULL AS VARCHAR) AS code,
    CAST(NULL AS VARCHAR) AS severity,
    CAST(NULL AS VARCHAR) AS message
WHERE FALSE

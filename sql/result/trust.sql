-- Lights of the trust strip.
-- grain: run and check
-- key: run_id, trust_no
-- reads: none
-- params: none
-- not null: name, label, status, shown, detail
SELECT
    CAST(NULL AS VARCHAR) AS run_id,
    CAST(NULL AS BIGINT) AS trust_no,
    CAST(NULL AS VARCHAR) AS name,
    CAST(NULL AS VARCHAR) AS label,
    CAST(NULL AS VARCHAR) AS status,
    CAST(NULL AS VARCHAR) AS shown,
    CAST(NULL AS VARCHAR) AS detail
WHERE FALSE

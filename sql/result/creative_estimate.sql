-- Estimates of the creative stage: attributed rates and what an incremental result cost; one row a number.
-- grain: run, subject, arm and quantity
-- key: run_id, subject_kind, subject, arm, quantity
-- reads: none
-- params: none
-- not null: has_estimate, has_interval, lo_unbounded, hi_unbounded, level, n_treatment, n_control, method, grade, unit, reason
SELECT
    CAST(NULL AS VARCHAR) AS run_id,
    CAST(NULL AS VARCHAR) AS subject_kind,
    CAST(NULL AS VARCHAR) AS subject,
    CAST(NULL AS VARCHAR) AS arm,
    CAST(NULL AS VARCHAR) AS quantity,
    CAST(NULL AS BIGINT) AS has_estimate,
    CAST(NULL AS DOUBLE PRECISION) AS estimate,
    CAST(NULL AS BIGINT) AS has_interval,
    CAST(NULL AS DOUBLE PRECISION) AS lo,
    CAST(NULL AS DOUBLE PRECISION) AS hi,
    CAST(NULL AS BIGINT) AS lo_unbounded,
    CAST(NULL AS BIGINT) AS hi_unbounded,
    CAST(NULL AS DOUBLE PRECISION) AS level,
    CAST(NULL AS DOUBLE PRECISION) AS p,
    CAST(NULL AS BIGINT) AS n_treatment,
    CAST(NULL AS BIGINT) AS n_control,
    CAST(NULL AS VARCHAR) AS method,
    CAST(NULL AS VARCHAR) AS grade,
    CAST(NULL AS VARCHAR) AS unit,
    CAST(NULL AS VARCHAR) AS reason
WHERE FALSE

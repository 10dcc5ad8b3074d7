-- Arms of the study under measurement.
-- grain: arm
-- key: arm_no
-- reads: none
-- params: none
-- not null: arm, label, is_holdout, design_share
SELECT
    CAST(NULL AS BIGINT) AS arm_no,
    CAST(NULL AS VARCHAR) AS arm,
    CAST(NULL AS VARCHAR) AS label,
    CAST(NULL AS BIGINT) AS is_holdout,
    CAST(NULL AS DOUBLE) AS design_share
WHERE FALSE

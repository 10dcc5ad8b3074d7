-- What a platform reports in one window, as a list that is reconciled with what was sent to the platform.
-- grain: platform and stated window
-- key: list_no
-- reads: none
-- params: none
-- not null: platform, attribution_window
--
-- window_us: the widest part of the stated window, which is not guessed: NULL where the words are not known.
SELECT
    CAST(NULL AS BIGINT) AS list_no,
    CAST(NULL AS VARCHAR) AS platform,
    CAST(NULL AS VARCHAR) AS attribution_window,
    CAST(NULL AS BIGINT) AS window_us
WHERE FALSE

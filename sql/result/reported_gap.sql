-- The difference between what was sent to a platform and what it reports, by event and day, in millionths: each part stands under one cause.
-- grain: run, list of a platform, event, day and cause
-- key: run_id, list_no, event_no, day_no, cause
-- reads: none
-- params: none
-- not null: first_micros, second_micros
--
-- cause as in model.claimable, with 11 for what no rule accounts for and 12 for what the platform lacks without a reason.
-- first_micros less second_micros is what a cause adds to the difference, and all together are the difference. Of cause 0
-- both are equal. Of a cause that holds for records of ours, second_micros is what the platform seems to count of them all
-- the same: what it reports beyond what it should, as far as the records of that cause go.
SELECT
    CAST(NULL AS VARCHAR) AS run_id,
    CAST(NULL AS BIGINT) AS list_no,
    CAST(NULL AS BIGINT) AS event_no,
    CAST(NULL AS BIGINT) AS day_no,
    CAST(NULL AS BIGINT) AS cause,
    CAST(NULL AS BIGINT) AS first_micros,
    CAST(NULL AS BIGINT) AS second_micros
WHERE FALSE

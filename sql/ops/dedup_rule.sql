-- Rule of dedup for every two lists of events, in both orders.
-- grain: ordered pair of lists
-- key: first_list_no, second_list_no
-- reads: none
-- params: none
-- not null: use_event_id, same_dataset, span_us, latest_wins, winner_list_no, winner_within_us, drops, merge_within_us
--
-- The first received of two records wins, with latest_wins the last; or the one of winner_list_no, unless that is 0,
-- when they were received within winner_within_us. drops: the other tells no field, unless received within merge_within_us.
SELECT
    CAST(NULL AS BIGINT) AS first_list_no,
    CAST(NULL AS BIGINT) AS second_list_no,
    CAST(NULL AS BIGINT) AS use_event_id,
    CAST(NULL AS BIGINT) AS same_dataset,
    CAST(NULL AS BIGINT) AS span_us,
    CAST(NULL AS BIGINT) AS latest_wins,
    CAST(NULL AS BIGINT) AS winner_list_no,
    CAST(NULL AS BIGINT) AS winner_within_us,
    CAST(NULL AS BIGINT) AS drops,
    CAST(NULL AS BIGINT) AS merge_within_us
WHERE FALSE

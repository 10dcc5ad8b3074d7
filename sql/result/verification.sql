-- Which purchases are paid for: the conversions of every list, and the orders, by what the CRM says of their payment.
-- grain: run, list, event and state of payment
-- key: run_id, surface_no, platform, event_no, state
-- reads: model.verified
-- params: run_id
-- not null: units, timed_units, early_units, excess_units, stated_micros, gross_micros, refunded_micros, net_micros, excess_micros
--
-- surface_no, platform and state as in model.verified: the states of one list and event add up to its units. The sums
-- are of what is known. excess_micros: what was refunded beyond the value of the order.
SELECT
    CAST($run_id AS VARCHAR) AS run_id,
    surface_no,
    platform,
    event_no,
    state,
    COUNT(*) AS units,
    CAST(SUM(is_timed) AS BIGINT) AS timed_units,
    CAST(SUM(is_early) AS BIGINT) AS early_units,
    CAST(SUM(is_excess) AS BIGINT) AS excess_units,
    CAST(COALESCE(SUM(stated_micros), 0) AS BIGINT) AS stated_micros,
    CAST(COALESCE(SUM(gross_micros), 0) AS BIGINT) AS gross_micros,
    CAST(COALESCE(SUM(refunded_micros), 0) AS BIGINT) AS refunded_micros,
    CAST(COALESCE(SUM(net_micros), 0) AS BIGINT) AS net_micros,
    CAST(COALESCE(SUM(CASE WHEN is_excess = 1 THEN refunded_micros - gross_micros END), 0) AS BIGINT) AS excess_micros
FROM model.verified
GROUP BY surface_no, platform, event_no, state

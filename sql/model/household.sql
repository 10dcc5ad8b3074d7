-- Number of every household that an exposure, an assignment, a link, an event or an order names.
-- grain: household
-- key: household_id
-- reads: clean.exposure, clean.assignment, clean.identity_link, clean.event, clean.crm_order
-- params: as_of_us
-- not null: household_key
SELECT
    ROW_NUMBER() OVER (ORDER BY household_key) AS household_id,
    household_key
FROM (
    SELECT household_key FROM clean.exposure WHERE received_us <= $as_of_us AND household_key IS NOT NULL
    UNION
    SELECT household_key FROM clean.assignment WHERE received_us <= $as_of_us
    UNION
    SELECT household_key FROM clean.identity_link WHERE received_us <= $as_of_us
    UNION
    SELECT household_key FROM clean.event WHERE received_us <= $as_of_us AND household_key IS NOT NULL
    UNION
    SELECT household_key FROM clean.crm_order WHERE received_us <= $as_of_us AND household_key IS NOT NULL
) AS named

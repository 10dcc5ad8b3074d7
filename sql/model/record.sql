-- Every distinct event and order record received by the as-of, with its canonical event and whether it can be used.
-- grain: distinct record
-- key: record_id
-- reads: clean.event, clean.signal, clean.crm_order, ops.source, ops.list, ops.event_alias, ops.event_rule, ops.crm_event
-- params: as_of_us, currency, wants_test
-- not null: source_no, surface_no, list_no, event_no, occurred_us, received_us, category, is_last, is_listed, row_key, consent_measurement, consent_personalisation
--
-- surface_no: 1 pixel, 2 server, 3 app, 4 analytics, 5 crm; list_no: that of ops.list, 1 the CRM's; event_no 0: not in
-- the dictionary.
-- category: 0 usable, 1 staging (with wants_test 1 the reverse: what is no test), 2 undefined event, 3 missing parameters, 4 other currency,
-- 5 superseded by a later state of the order, 6 order not verified, 7 measurement denied, 8 adjustment of another
-- record. The first that holds, in the order 1, 7, 8, 2 to 6. A platform's name of an event is looked up in the
-- dictionary, on the record's surface, and when it is not there the canonical name that the mapping pack gives it.
-- An order says nowhere that it is a test: with wants_test 1 it is one when a test event has its order id, or the event
-- id of an event that has it; with 0 none is.
-- value_micros: what the dictionary's rule makes of it: an order's value less what was refunded, or with is_gross the
-- value alone; or the event's fixed value, which is in the report's currency, so that the record's own is not looked at.
-- Nothing is left of an order whose refund is larger than its value, and not less than nothing.
-- stated_micros: the value that the record itself states, in its own currency.
-- is_last: the record is an event, or the last of the states of its order. is_listed: it is one of its list, as people
-- count it: every event, and of the states of an order the last if it counts. unknown_name: what the platform calls an
-- event that is not in the dictionary, cut to 80 characters.
-- Of two states of an order received at one time the one further along counts: refunded, void, verified, authorized,
-- pending, unknown; then the larger refund, then the smaller stated value. An order needs no event id.
-- An event that was sent again is one record: its first receipt, and the best answer by the as-of.
-- Records are numbered with as few columns as it takes and meet the others afterwards: sorted whole, a year of events
-- does not fit into memory. Files are compared by >= and <=, because of an equality the engine concludes that the signals
-- of a file may be joined before the one of a record is known.
-- record_id rises with time: the microsecond at which the day began, and the record's place in the day.
WITH signal AS (
    SELECT
        g.file_id, g.signal_no, s.source_no,
        CASE g.surface WHEN 'pixel' THEN 1 WHEN 'server' THEN 2 WHEN 'app' THEN 3 ELSE 4 END AS surface_no,
        l.list_no,
        COALESCE(a.event_no, n.event_no, 0) AS event_no,
        CASE
            WHEN CASE WHEN g.is_test THEN 1 ELSE 0 END <> $wants_test THEN 1
            WHEN g.consent_measurement = 'denied' THEN 7
            WHEN g.kind <> 'conversion' THEN 8
            WHEN r.event_no IS NULL THEN 2
            ELSE 0
        END AS category,
        CASE WHEN r.event_no IS NULL THEN SUBSTRING(g.event_name, 1, 80) END AS unknown_name,
        COALESCE(r.needs_value, 0) AS needs_value,
        COALESCE(r.needs_order_id, 0) AS needs_order_id,
        COALESCE(r.needs_event_id, 0) AS needs_event_id,
        CASE WHEN r.needs_currency = 1 AND g.currency IS NULL THEN 1 ELSE 0 END AS lacks_currency,
        CASE WHEN r.fixed_micros IS NULL AND g.currency <> $currency THEN 1 ELSE 0 END AS is_foreign,
        r.fixed_micros, g.currency, g.platform, g.dataset_id, g.accept_us, g.consent_measurement, g.consent_personalisation,
        g.app_version, g.device_family, g.browser_family
    FROM clean.signal AS g
    JOIN ops.source AS s ON s.source = g.source
    JOIN ops.list AS l ON l.surface = g.surface AND l.platform = g.platform
    LEFT JOIN ops.event_alias AS a ON a.platform = g.platform AND a.surface = g.surface AND a.event_name = g.event_name
    LEFT JOIN ops.event_rule AS n ON n.event = g.canonical_name
    LEFT JOIN ops.event_rule AS r ON r.event_no = COALESCE(a.event_no, n.event_no)
),
first_sent AS (
    SELECT
        row_key,
        MIN(file_id) AS file_id,
        MIN(received_us) AS received_us,
        MAX(CASE platform_state WHEN 'accepted' THEN 3 WHEN 'unknown' THEN 2 WHEN 'refused' THEN 1 END) AS best
    FROM clean.event
    WHERE received_us <= $as_of_us
    GROUP BY row_key
),
first_ordered AS (
    SELECT row_key, MIN(file_id) AS file_id
    FROM clean.crm_order
    WHERE received_us <= $as_of_us
    GROUP BY row_key
),
renamed AS (
    SELECT o.alt_order_id, MIN(o.order_id) AS order_id
    FROM clean.crm_order AS o
    LEFT JOIN (SELECT order_id FROM clean.crm_order GROUP BY order_id) AS own ON own.order_id = o.alt_order_id
    WHERE o.received_us <= $as_of_us
      AND o.alt_order_id <> o.order_id
      AND own.order_id IS NULL
    GROUP BY o.alt_order_id
    HAVING MIN(o.order_id) = MAX(o.order_id)
),
numbered AS (
    SELECT
        is_order, row_key, file_id, order_id, received_us, best,
        day_us + ROW_NUMBER() OVER (PARTITION BY day_us ORDER BY occurred_us, surface_no, source_no, row_key) AS record_id
    FROM (
        SELECT
            0 AS is_order, f.row_key, f.file_id, COALESCE(x.order_id, e.order_id) AS order_id, f.received_us, f.best, e.occurred_us, g.surface_no, g.source_no,
            e.occurred_us - MOD(e.occurred_us, 86400000000) AS day_us
        FROM first_sent AS f
        JOIN clean.event AS e ON e.row_key = f.row_key AND e.file_id >= f.file_id AND e.file_id <= f.file_id
        JOIN signal AS g ON g.file_id = e.file_id AND g.signal_no = e.signal_no
        LEFT JOIN renamed AS x ON x.alt_order_id = e.order_id
        UNION ALL
        SELECT
            1 AS is_order, f.row_key, f.file_id, o.order_id, o.received_us, 0 AS best, o.ordered_us AS occurred_us, 5 AS surface_no, s.source_no,
            o.ordered_us - MOD(o.ordered_us, 86400000000) AS day_us
        FROM first_ordered AS f
        JOIN clean.crm_order AS o ON o.row_key = f.row_key AND o.file_id = f.file_id
        JOIN ops.source AS s ON s.source = o.source
    ) AS narrow
),
test_order AS (
    SELECT e.order_id
    FROM clean.event AS e
    JOIN clean.signal AS g ON g.file_id = e.file_id AND g.signal_no = e.signal_no
    WHERE $wants_test = 1 AND g.is_test AND e.order_id IS NOT NULL AND e.received_us <= $as_of_us
    UNION
    SELECT e.order_id
    FROM clean.event AS e
    JOIN clean.event AS t ON t.event_id = e.event_id
    JOIN clean.signal AS g ON g.file_id = t.file_id AND g.signal_no = t.signal_no
    WHERE $wants_test = 1 AND g.is_test AND e.order_id IS NOT NULL AND e.received_us <= $as_of_us AND t.received_us <= $as_of_us
),
ordered AS (
    SELECT
        f.record_id, o.source, o.order_id, o.ordered_us, o.received_us, o.status, o.value_micros, o.refunded_micros, o.currency,
        o.consent_measurement, o.consent_personalisation,
        o.household_key, o.email_key, o.phone_key, o.customer_key, o.row_key,
        CASE WHEN t.order_id IS NULL THEN 0 ELSE 1 END AS is_test
    FROM clean.crm_order AS o
    JOIN numbered AS f ON f.is_order = 1 AND f.row_key = o.row_key AND f.file_id = o.file_id
    LEFT JOIN test_order AS t ON t.order_id = o.order_id
)
SELECT
    f.record_id,
    g.source_no,
    g.surface_no,
    g.list_no,
    g.event_no,
    CASE
        WHEN g.category > 0 THEN g.category
        WHEN g.needs_value = 1 AND e.value_micros IS NULL THEN 3
        WHEN g.lacks_currency = 1 THEN 3
        WHEN g.needs_order_id = 1 AND f.order_id IS NULL THEN 3
        WHEN g.needs_event_id = 1 AND e.event_id IS NULL THEN 3
        WHEN g.is_foreign = 1 AND e.value_micros IS NOT NULL THEN 4
        ELSE 0
    END AS category,
    1 AS is_last,
    1 AS is_listed,
    e.event_id,
    f.order_id,
    e.occurred_us,
    f.received_us,
    COALESCE(g.fixed_micros, e.value_micros) AS value_micros,
    e.household_key, e.email_key, e.phone_key, e.device_key, e.ip_key, e.customer_key, e.cookie_key, e.click_key, e.unusable, e.row_key,
    g.platform, g.dataset_id, g.accept_us,
    CASE f.best WHEN 3 THEN 'accepted' WHEN 2 THEN 'unknown' WHEN 1 THEN 'refused' END AS platform_state,
    g.consent_measurement, g.consent_personalisation, g.unknown_name,
    e.value_micros AS stated_micros, g.currency, g.app_version, g.device_family, g.browser_family
FROM clean.event AS e
JOIN numbered AS f ON f.is_order = 0 AND f.row_key = e.row_key AND f.file_id >= e.file_id AND f.file_id <= e.file_id
JOIN signal AS g ON g.file_id = e.file_id AND g.signal_no = e.signal_no
UNION ALL
SELECT
    o.record_id,
    s.source_no,
    5 AS surface_no,
    1 AS list_no,
    COALESCE(c.event_no, 0) AS event_no,
    CASE
        WHEN $wants_test = 1 AND o.is_test = 0 THEN 1
        WHEN o.consent_measurement = 'denied' THEN 7
        WHEN c.event_no IS NULL THEN 2
        WHEN r.needs_value = 1 AND o.value_micros IS NULL THEN 3
        WHEN r.needs_currency = 1 AND o.currency IS NULL THEN 3
        WHEN r.fixed_micros IS NULL AND o.value_micros IS NOT NULL AND o.currency <> $currency THEN 4
        WHEN o.state_no > 1 THEN 5
        WHEN c.is_counted = 0 THEN 6
        ELSE 0
    END AS category,
    CASE WHEN o.state_no = 1 THEN 1 ELSE 0 END AS is_last,
    CASE WHEN o.state_no = 1 AND c.is_counted = 1 THEN 1 ELSE 0 END AS is_listed,
    CAST(NULL AS VARCHAR) AS event_id,
    o.order_id,
    o.ordered_us AS occurred_us,
    o.received_us,
    COALESCE(
        r.fixed_micros,
        CASE
            WHEN r.is_gross = 1 THEN o.value_micros
            WHEN o.status = 'refunded' AND o.refunded_micros = 0 THEN 0
            WHEN o.refunded_micros > o.value_micros THEN 0
            ELSE o.value_micros - o.refunded_micros
        END
    ) AS value_micros,
    o.household_key, o.email_key, o.phone_key,
    CAST(NULL AS VARCHAR) AS device_key, CAST(NULL AS VARCHAR) AS ip_key, o.customer_key,
    CAST(NULL AS VARCHAR) AS cookie_key, CAST(NULL AS VARCHAR) AS click_key, CAST(NULL AS BIGINT) AS unusable,
    o.row_key,
    CAST(NULL AS VARCHAR) AS platform, CAST(NULL AS VARCHAR) AS dataset_id, CAST(NULL AS BIGINT) AS accept_us, CAST(NULL AS VARCHAR) AS platform_state,
    o.consent_measurement, o.consent_personalisation, CAST(NULL AS VARCHAR) AS unknown_name,
    o.value_micros AS stated_micros, o.currency, CAST(NULL AS VARCHAR) AS app_version,
    CAST(NULL AS VARCHAR) AS device_family, CAST(NULL AS VARCHAR) AS browser_family
FROM (
    SELECT
        *,
        ROW_NUMBER() OVER (
            PARTITION BY source, order_id
            ORDER BY received_us DESC, state_rank DESC, refunded_micros DESC,
                CASE WHEN value_micros IS NULL THEN 1 ELSE 0 END, value_micros, COALESCE(currency, ''), row_key
        ) AS state_no
    FROM (
        SELECT
            *,
            CASE status
                WHEN 'refunded' THEN 6
                WHEN 'void' THEN 5
                WHEN 'verified' THEN 4
                WHEN 'authorized' THEN 3
                WHEN 'pending' THEN 2
                ELSE 1
            END AS state_rank
        FROM ordered
    ) AS stated
) AS o
JOIN ops.source AS s ON s.source = o.source
LEFT JOIN ops.crm_event AS c ON c.status = o.status
LEFT JOIN ops.event_rule AS r ON r.event_no = c.event_no

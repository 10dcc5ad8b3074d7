-- Identifiers by which records of two lists may be found to be one conversion, where no event id and no order id does.
-- grain: ordered pair of lists and identifier
-- key: first_list_no, second_list_no, key_no
-- reads: none
-- params: none
-- not null: key
--
-- key_no: the order in which they are tried. key: cookie, customer, email or device.
SELECT
    CAST(NULL AS BIGINT) AS first_list_no,
    CAST(NULL AS BIGINT) AS second_list_no,
    CAST(NULL AS BIGINT) AS key_no,
    CAST(NULL AS VARCHAR) AS key
WHERE FALSE

SELECT '20250907' AS event_date, 1757203200000000 + i AS event_timestamp, CASE i WHEN 0 THEN 'purchase' ELSE 'page_view' END AS event_name,
    [{'key': 'value', 'value': {'string_value': NULL::VARCHAR, 'int_value': NULL::BIGINT, 'double_value': 59.98::DOUBLE}},
     {'key': 'currency', 'value': {'string_value': 'USD', 'int_value': NULL, 'double_value': NULL}},
     {'key': 'transaction_id', 'value': {'string_value': NULL, 'int_value': 1001 + i, 'double_value': NULL}}] AS event_params,
    '123.456' AS user_pseudo_id, NULL::VARCHAR AS user_id, '99' AS stream_id, 'ANDROID' AS platform,
    {'advertising_id': '38400000-8cf0-11bd-b23e-10b96e40000d', 'category': 'mobile'} AS device,
    {'analytics_storage': 'Yes', 'ads_storage': 'Yes'} AS privacy_info,
    CASE i WHEN 0 THEN {'transaction_id': '1001', 'purchase_revenue': 60.5::DOUBLE} END AS ecommerce,
    {'gclid': 'Cj0-3'} AS collected_traffic_source
FROM range(2) t(i)

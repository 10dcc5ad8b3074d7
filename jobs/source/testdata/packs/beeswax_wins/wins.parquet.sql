SELECT * FROM (VALUES
  ('p.1', 1757203200784881::BIGINT, 526, 3576, 2104, '203.0.113.7', 1, 1, 0, 0, 0, 21000::BIGINT),
  ('p.2', 1757203201000000::BIGINT, 526, 3576, 2104, '0.0.0.0', 1, 1, 1, 1, 1, 21000::BIGINT)
) AS t (auction_id, bid_time_epoch_in_usecs, campaign_id, creative_id, line_item_id, ip_address,
  video_plays, video_q1s, video_midpoints, video_q3s, video_completes, win_cost_micros_usd)

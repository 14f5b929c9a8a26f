-- Reads  folded.
-- Gives  one row a message: what the figures are made of. A host does well to keep its rows (a temporary table, a cache),
--        since all figures read it.
--
-- accepted_at, sent_at, delivered_at and read_at are when a message had first provably come so far; null if it has not.
-- A later step proves the earlier ones, whose events may be missing: READ means delivered, delivered means sent, sent
-- means accepted. Every callback with a known status means accepted, also one that tells a failure: Verihubs calls back
-- only about what it has taken.
SELECT
  message_key,
  message_id,
  session_id,
  lane,
  source,
  template_name,
  status,
  closed,
  coalesce(charged, false) AS charged,
  CASE WHEN closed AND status NOT IN ('DELIVERED', 'READ') THEN true ELSE false END AS failed,
  -- Without what differs from message to message: durations and addresses.
  replace_all(
    replace_all(
      replace_all(reason, '[0-9]+ ?ms', '… ms'),
      '[0-9]{1,3}([.][0-9]{1,3}){3}(:[0-9]+)?', '…'
    ),
    '[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}(:[0-9]+)?', '…'
  ) AS reason,
  first_event_at,
  last_event_at,
  attempted_at,
  least(
    accepted_at, requested_at, sent_at, delivered_at, read_at,
    failed_at, request_error_at, rejected_at, blocked_at, tier_limit_exceeded_at, invalid_data_at
  ) AS accepted_at,
  least(sent_at, delivered_at, read_at) AS sent_at,
  least(delivered_at, read_at) AS delivered_at,
  read_at
FROM folded

-- Reads  journeys.
-- Gives  one row for each step that a message has come to: how long it took from the first event of the message, in ms.
--
-- Only of messages whose ATTEMPTED is there: of the others the beginning lies before the range.
WITH reached AS (
  SELECT 'accepted' AS step, lane, first_event_at, accepted_at AS reached_at, attempted_at FROM journeys
  UNION ALL
  SELECT 'sent' AS step, lane, first_event_at, sent_at AS reached_at, attempted_at FROM journeys
  UNION ALL
  SELECT 'delivered' AS step, lane, first_event_at, delivered_at AS reached_at, attempted_at FROM journeys
  UNION ALL
  SELECT 'read' AS step, lane, first_event_at, read_at AS reached_at, attempted_at FROM journeys
)
SELECT step, lane, unix_millis(reached_at) - unix_millis(first_event_at) AS took_ms
FROM reached
WHERE reached_at IS NOT NULL AND attempted_at IS NOT NULL

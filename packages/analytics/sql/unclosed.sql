-- Reads  journeys.
-- Gives  the messages whose journey is open. Which of them are overdue is for the host to say, by last_event_at_ms.
SELECT
  message_id,
  session_id,
  lane,
  source,
  template_name,
  status,
  unix_millis(first_event_at) AS first_event_at_ms,
  unix_millis(last_event_at) AS last_event_at_ms
FROM journeys
WHERE NOT closed

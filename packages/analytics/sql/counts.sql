-- Reads  status_events.
-- Gives  one row: how many events there are, duplicates included, how many different facts they tell, and the times
--        between which Kafka took them, in ms (null when there are none).
WITH facts AS (
  SELECT
    count(*) AS tellings,
    min(recorded_at) AS first_recorded_at,
    max(recorded_at) AS last_recorded_at
  FROM status_events
  GROUP BY event_id
)
SELECT
  CAST(coalesce(sum(tellings), 0) AS BIGINT) AS events,
  count(*) AS facts,
  unix_millis(min(first_recorded_at)) AS first_recorded_at_ms,
  unix_millis(max(last_recorded_at)) AS last_recorded_at_ms
FROM facts

-- Reads  journeys.
-- Gives  messages and those that Verihubs charges for, as far as it is known, by lane and the hour of UTC in which they
--        began; the hour as ms since the epoch.
WITH begun AS (
  SELECT lane, charged, unix_millis(first_event_at) AS began_ms FROM journeys
)
SELECT
  began_ms - began_ms % 3600000 AS hour_ms,
  lane,
  count(*) AS messages,
  count(CASE WHEN charged THEN 1 END) AS charged
FROM begun
GROUP BY began_ms - began_ms % 3600000, lane

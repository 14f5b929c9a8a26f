-- Reads  journeys.
-- Gives  how many messages were closed otherwise than by DELIVERED or READ, by status, lane and reason (see journeys).
SELECT status, lane, reason, count(*) AS messages
FROM journeys
WHERE failed
GROUP BY status, lane, reason

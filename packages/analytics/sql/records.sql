-- Reads  status_events, statuses.
-- Gives  each of its rows, duplicates included, and message_key: which journey it belongs to.
--
-- A callback that came unsigned knows only Verihubs' session. It belongs to the message whose ACCEPTED told that session,
-- else to one of which any other event did, and takes over its message_id. Without such it stays under its session; without
-- a session, alone. Should a session ever be told of two messages, the smaller message_id counts, so that it is always the
-- same.
--
-- A status or origin that is not known here is of a newer version, and read as UNKNOWN, as Avro does it.
-- An occurred_at beyond what a time can be is null in the files; then it is when Kafka took the event.
WITH unsigned AS (
  SELECT DISTINCT session_id FROM status_events WHERE message_id IS NULL AND session_id IS NOT NULL
),
sessions AS (
  SELECT
    told.session_id,
    coalesce(min(CASE WHEN told.status = 'ACCEPTED' THEN told.message_id END), min(told.message_id)) AS message_id
  FROM status_events AS told
  JOIN unsigned ON unsigned.session_id = told.session_id
  WHERE told.message_id IS NOT NULL
  GROUP BY told.session_id
),
known AS (
  SELECT DISTINCT status FROM statuses
),
joined AS (
  SELECT
    told.event_id,
    coalesce(told.message_id, sessions.message_id) AS message_id,
    told.session_id,
    coalesce(known.status, 'UNKNOWN') AS status,
    told.provider_code,
    CASE WHEN told.origin IN ('SENDER', 'CALLBACK') THEN told.origin ELSE 'UNKNOWN' END AS origin,
    told.attempt,
    told.attempt_id,
    coalesce(told.occurred_at, told.recorded_at) AS occurred_at,
    told.http_status,
    told.reason,
    told.retry_at,
    told.charged,
    told.lane,
    told.source,
    told.template_name,
    told.recipient,
    told.verified,
    told.metadata,
    told.recorded_at,
    told.kafka_partition,
    told.kafka_offset
  FROM status_events AS told
  LEFT JOIN known ON known.status = told.status
  LEFT JOIN sessions ON sessions.session_id = CASE WHEN told.message_id IS NULL THEN told.session_id END
)
SELECT
  CASE
    WHEN message_id IS NOT NULL THEN concat('message ', message_id)
    WHEN session_id IS NOT NULL THEN concat('session ', session_id)
    ELSE concat('event ', event_id)
  END AS message_key,
  joined.*
FROM joined

-- Reads  records.
-- Gives  each fact once: of the rows with one event_id the one that occurred first, then the one that Kafka took first.
--
-- For who counts or lists events. The states do not need it: what is told again changes nothing in them.
WITH ranked AS (
  SELECT
    records.*,
    row_number() OVER (
      PARTITION BY event_id
      ORDER BY occurred_at, recorded_at, kafka_partition, kafka_offset
    ) AS telling
  FROM records
)
SELECT
  message_key,
  event_id,
  message_id,
  session_id,
  status,
  provider_code,
  origin,
  attempt,
  attempt_id,
  occurred_at,
  http_status,
  reason,
  retry_at,
  charged,
  lane,
  source,
  template_name,
  recipient,
  verified,
  metadata,
  recorded_at,
  kafka_partition,
  kafka_offset
FROM ranked
WHERE telling = 1

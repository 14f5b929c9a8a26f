-- Reads  folded, records.
-- Gives  one row a message, as folded does, with its metadata: what is told of any key, the smaller value where events
--        differ.
--
-- It has no WITH: Spark 4.1 fails to plan one here, beside those of the views below.
SELECT
  folded.message_key,
  folded.message_id,
  folded.session_id,
  folded.status,
  folded.attempt,
  folded.attempt_id,
  folded.event_id,
  folded.origin,
  folded.occurred_at,
  folded.provider_code,
  folded.http_status,
  folded.reason,
  folded.retry_at,
  folded.charged,
  folded.verified,
  folded.lane,
  folded.source,
  folded.template_name,
  folded.recipient,
  coalesce(merged.metadata, no_metadata()) AS metadata,
  folded.closed,
  folded.settled,
  folded.first_event_at,
  folded.last_event_at,
  folded.attempted_at,
  folded.accepted_at,
  folded.retrying_at,
  folded.in_doubt_at,
  folded.refused_at,
  folded.expired_at,
  folded.cancelled_at,
  folded.gave_up_at,
  folded.requested_at,
  folded.sent_at,
  folded.delivered_at,
  folded.read_at,
  folded.failed_at,
  folded.request_error_at,
  folded.rejected_at,
  folded.blocked_at,
  folded.tier_limit_exceeded_at,
  folded.invalid_data_at,
  folded.unknown_at
FROM folded
LEFT JOIN (
  SELECT message_key, map_from_entries(array_sort(array_agg(map_entry(entry_key, entry_value)))) AS metadata
  FROM (
    SELECT message_key, entry_key, min(metadata[entry_key]) AS entry_value
    FROM (SELECT message_key, metadata, explode(map_keys(metadata)) AS entry_key FROM records) AS entries
    GROUP BY message_key, entry_key
  ) AS chosen
  GROUP BY message_key
) AS merged ON merged.message_key = folded.message_key

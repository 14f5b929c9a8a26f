-- Reads  records, statuses.
-- Gives  one row a message: the state that `foldEvents` of @whatsapp-stream/schemas makes of its events, but for the
--        metadata (see states.sql). As there, it depends on the set of the events alone.
--
-- status, attempt and the other columns of the telling are those of the highest event: by its place (statuses.sql), then
-- verified before unverified, then the earlier one, then by all that is left, so that it is always the same one.
-- session_id is that of the highest place that has one. Of lane, source, template_name and recipient the smallest counts
-- where events differ. <status>_at is when each status was first told.
WITH placed AS (
  SELECT
    records.*,
    coalesce(records.charged, statuses.charged) AS charge,
    statuses.closing,
    statuses.place_base + statuses.place_step * CAST(records.attempt AS BIGINT) AS place,
    statuses.settled_base + statuses.settled_step * CAST(records.attempt AS BIGINT) AS settled_place
  FROM records
  JOIN statuses ON statuses.status = records.status AND statuses.origin = records.origin
),
ranked AS (
  SELECT
    placed.*,
    row_number() OVER (
      PARTITION BY message_key
      ORDER BY
        place DESC,
        verified DESC,
        occurred_at,
        event_id DESC,
        attempt_id DESC NULLS LAST,
        origin DESC,
        provider_code DESC NULLS LAST,
        http_status DESC NULLS LAST,
        reason DESC NULLS LAST,
        retry_at DESC NULLS LAST,
        charge DESC NULLS LAST
    ) AS rank_from_top,
    max(CASE WHEN session_id IS NOT NULL THEN place END) OVER (PARTITION BY message_key) AS session_place
  FROM placed
)
SELECT
  message_key,
  max(message_id) AS message_id,
  min(CASE WHEN place = session_place THEN session_id END) AS session_id,
  max(CASE WHEN rank_from_top = 1 THEN status END) AS status,
  max(CASE WHEN rank_from_top = 1 THEN attempt END) AS attempt,
  max(CASE WHEN rank_from_top = 1 THEN attempt_id END) AS attempt_id,
  max(CASE WHEN rank_from_top = 1 THEN event_id END) AS event_id,
  max(CASE WHEN rank_from_top = 1 THEN origin END) AS origin,
  max(CASE WHEN rank_from_top = 1 THEN occurred_at END) AS occurred_at,
  max(CASE WHEN rank_from_top = 1 THEN provider_code END) AS provider_code,
  max(CASE WHEN rank_from_top = 1 THEN http_status END) AS http_status,
  max(CASE WHEN rank_from_top = 1 THEN reason END) AS reason,
  max(CASE WHEN rank_from_top = 1 THEN retry_at END) AS retry_at,
  max(CASE WHEN rank_from_top = 1 THEN charge END) AS charged,
  max(CASE WHEN rank_from_top = 1 THEN verified END) AS verified,
  min(lane) AS lane,
  min(source) AS source,
  min(template_name) AS template_name,
  min(recipient) AS recipient,
  max(CASE WHEN rank_from_top = 1 THEN closing END) AS closed,
  -- A RETRYING above the last word of the sender takes it back.
  coalesce(
    max(settled_place) > coalesce(max(CASE WHEN status = 'RETRYING' THEN place END), -1),
    false
  ) AS settled,
  min(occurred_at) AS first_event_at,
  max(occurred_at) AS last_event_at,
  min(CASE WHEN status = 'ATTEMPTED' THEN occurred_at END) AS attempted_at,
  min(CASE WHEN status = 'ACCEPTED' THEN occurred_at END) AS accepted_at,
  min(CASE WHEN status = 'RETRYING' THEN occurred_at END) AS retrying_at,
  min(CASE WHEN status = 'IN_DOUBT' THEN occurred_at END) AS in_doubt_at,
  min(CASE WHEN status = 'REFUSED' THEN occurred_at END) AS refused_at,
  min(CASE WHEN status = 'EXPIRED' THEN occurred_at END) AS expired_at,
  min(CASE WHEN status = 'CANCELLED' THEN occurred_at END) AS cancelled_at,
  min(CASE WHEN status = 'GAVE_UP' THEN occurred_at END) AS gave_up_at,
  min(CASE WHEN status = 'REQUESTED' THEN occurred_at END) AS requested_at,
  min(CASE WHEN status = 'SENT' THEN occurred_at END) AS sent_at,
  min(CASE WHEN status = 'DELIVERED' THEN occurred_at END) AS delivered_at,
  min(CASE WHEN status = 'READ' THEN occurred_at END) AS read_at,
  min(CASE WHEN status = 'FAILED' THEN occurred_at END) AS failed_at,
  min(CASE WHEN status = 'REQUEST_ERROR' THEN occurred_at END) AS request_error_at,
  min(CASE WHEN status = 'REJECTED' THEN occurred_at END) AS rejected_at,
  min(CASE WHEN status = 'BLOCKED' THEN occurred_at END) AS blocked_at,
  min(CASE WHEN status = 'TIER_LIMIT_EXCEEDED' THEN occurred_at END) AS tier_limit_exceeded_at,
  min(CASE WHEN status = 'INVALID_DATA' THEN occurred_at END) AS invalid_data_at,
  min(CASE WHEN status = 'UNKNOWN' THEN occurred_at END) AS unknown_at
FROM ranked
GROUP BY message_key

import type { StatusEvent } from '@whatsapp-stream/schemas';
import { EVENT_COLUMNS } from '../../layout.ts';
import type { Column } from './column.ts';

type Name = keyof typeof EVENT_COLUMNS;

/** Each written out, so that the engine knows every field that is read. */
const FIELDS: Readonly<Record<Name, Column<StatusEvent>['of']>> = {
  event_id: (event) => event.event_id,
  message_id: (event) => event.message_id,
  session_id: (event) => event.session_id,
  status: (event) => event.status,
  provider_code: (event) => event.provider_code,
  origin: (event) => event.origin,
  attempt: (event) => event.attempt,
  attempt_id: (event) => event.attempt_id,
  occurred_at: (event) => event.occurred_at,
  http_status: (event) => event.http_status,
  reason: (event) => event.reason,
  retry_at: (event) => event.retry_at,
  charged: (event) => event.charged,
  lane: (event) => event.lane,
  source: (event) => event.source,
  template_name: (event) => event.template_name,
  recipient: (event) => event.recipient,
  verified: (event) => event.verified,
  metadata: (event) => event.metadata,
  recorded_at: (_event, record) => record.timestamp,
  kafka_partition: (_event, record) => record.partition,
  kafka_offset: (_event, record) => record.offset,
};

/** The columns of `EVENT_COLUMNS`, in their order. */
export const STATUS_COLUMNS: readonly Column<StatusEvent>[] = (Object.keys(EVENT_COLUMNS) as Name[]).map(
  (name) => ({ name, type: EVENT_COLUMNS[name], of: FIELDS[name] }),
);

import { laneOf, type SendRequest } from '@whatsapp-stream/schemas';
import type { Column } from './column.ts';

/** Whom a message goes to and what it says; left out unless it is asked for. */
const PERSONAL: ReadonlySet<string> = new Set(['msisdn', 'header_params', 'body_params', 'button_url_param']);

const ALL: readonly Column<SendRequest>[] = [
  { name: 'message_id', type: 'VARCHAR', of: (request) => request.message_id },
  { name: 'msisdn', type: 'VARCHAR', of: (request) => request.msisdn },
  { name: 'lane', type: 'VARCHAR', of: (_request, record) => laneOf(record.topic) },
  { name: 'source', type: 'VARCHAR', of: (request) => request.source },
  { name: 'template_name', type: 'VARCHAR', of: ({ template }) => template?.name ?? null },
  { name: 'lang_code', type: 'VARCHAR', of: ({ template }) => template?.lang_code ?? null },
  { name: 'header_params', type: 'VARCHAR[]', of: ({ template }) => template?.header_params ?? null },
  { name: 'body_params', type: 'VARCHAR[]', of: ({ template }) => template?.body_params ?? null },
  { name: 'button_url_param', type: 'VARCHAR', of: ({ template }) => template?.button_url_param ?? null },
  { name: 'requested_at', type: 'TIMESTAMPTZ', of: (request) => request.requested_at },
  { name: 'expires_at', type: 'TIMESTAMPTZ', of: (request) => request.expires_at },
  { name: 'on_doubt', type: 'VARCHAR', of: (request) => request.on_doubt },
  { name: 'metadata', type: 'MAP(VARCHAR, VARCHAR)', of: (request) => request.metadata },
  { name: 'recorded_at', type: 'TIMESTAMPTZ', of: (_request, record) => record.timestamp },
  { name: 'kafka_topic', type: 'VARCHAR', of: (_request, record) => record.topic },
  { name: 'kafka_partition', type: 'INTEGER', of: (_request, record) => record.partition },
  { name: 'kafka_offset', type: 'BIGINT', of: (_request, record) => record.offset },
];

/** The columns of send requests. What stands in `metadata` is the publisher's, and is told as it is. */
export function sendColumns(personalData: boolean): readonly Column<SendRequest>[] {
  return personalData ? ALL : ALL.filter(({ name }) => !PERSONAL.has(name));
}

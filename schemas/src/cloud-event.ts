import type { StatusEvent } from './types.generated.ts';

/** The `ce_type` of every status event. */
export const STATUS_EVENT_TYPE = 'whatsapp.status';

/**
 * The headers that make a status record a CloudEvent in Kafka's binary mode (CloudEvents Kafka protocol
 * binding 1.0, section 3.2).
 * @param source the path of the service that learned it, `/whatsapp-stream/sender`
 */
export function cloudEventHeaders(event: StatusEvent, source: string): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_id: event.event_id,
    ce_type: STATUS_EVENT_TYPE,
    ce_source: source,
    ce_time: isoTime(event.occurred_at),
  };
}

let lastTime = { ms: 0, text: new Date(0).toISOString() };

/** Events come many in a millisecond, and a date costs more than the rest of the headers. */
function isoTime(ms: number): string {
  if (ms !== lastTime.ms) lastTime = { ms, text: new Date(ms).toISOString() };
  return lastTime.text;
}

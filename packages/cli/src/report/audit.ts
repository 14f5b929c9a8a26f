import { type OpenMessage, unclosedOf, type ZoneClock, zoneClock } from '@whatsapp-stream/analytics';
import { EXIT } from '@whatsapp-stream/service-kit';
import { showDuration } from '../durations.ts';
import { plain } from '../render.ts';
import type { ReportEvents } from './parquet.ts';
import type { ReportRequest } from './request.ts';

/** There are messages without a closing status. */
const SOME = 1;

/** Where an audit tells what it finds. */
export interface AuditOutput {
  readonly print: (line: string) => void;
  readonly note: (line: string) => void;
  /** Ends it. */
  readonly stop: AbortSignal;
}

/** Lists the messages that are not closed. @returns the exit code: 0 when there are none, 1 when there are some */
export async function audit(
  events: ReportEvents,
  request: ReportRequest,
  json: boolean,
  { print, note, stop }: AuditOutput,
): Promise<number> {
  const { files, range, asOfMs } = events;
  const clock = zoneClock(request.timeZone);
  let found = 0;
  if (files.length > 0) {
    const options = { ...range, asOfMs, afterMinutes: request.afterMinutes, signal: stop };
    for await (const message of unclosedOf(files, options)) {
      found += 1;
      print(json ? jsonLine(message) : textLine(message, asOfMs, clock));
    }
  }
  const after = showDuration(request.afterMinutes * 60_000);
  const asOf = `as of ${clock.show(asOfMs)} ${request.timeZone}`;
  note(
    found === 0
      ? `no message is unclosed and silent for ${after} or longer, ${asOf}`
      : `${found.toLocaleString('en')} ${found === 1 ? 'message is' : 'messages are'} not closed, and nothing was heard for ${after} or longer, ${asOf}`,
  );
  return found === 0 ? EXIT.ok : SOME;
}

/** Fields by their names on the wire, times in ms since the epoch, as `npm run replay` writes them. */
export function jsonLine(message: OpenMessage): string {
  return JSON.stringify({
    message_id: message.messageId,
    session_id: message.sessionId,
    lane: message.lane,
    source: message.source,
    template_name: message.templateName,
    status: message.status,
    first_event_at: message.firstEventAtMs,
    last_event_at: message.lastEventAtMs,
  });
}

const STATUS_WIDTH = 9;
const LANE_WIDTH = 13;
const SILENT_WIDTH = 13;

/** Time of the last event, how long ago, status, lane, message, then what it was. */
export function textLine(message: OpenMessage, asOfMs: number, clock: ZoneClock): string {
  const { messageId, sessionId, lastEventAtMs, status, lane, source, templateName } = message;
  const id = messageId ?? `session ${sessionId ?? 'not known'}`;
  return [
    clock.show(lastEventAtMs),
    showDuration(asOfMs - lastEventAtMs).padStart(SILENT_WIDTH),
    status.padEnd(STATUS_WIDTH),
    plain(lane ?? '–').padEnd(LANE_WIDTH),
    plain(id),
    plain([source, templateName].filter(Boolean).join(' ')),
  ]
    .join('  ')
    .trimEnd();
}

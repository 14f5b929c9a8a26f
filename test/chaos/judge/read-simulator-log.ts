import { callbackEventId } from '@whatsapp-stream/schemas';
import type { CallbackEvent, RequestEvent } from '@whatsapp-stream/verihubs-simulator';
import { type Call, callOf } from '../../support/calls.ts';
import type { Acknowledged, Arrival } from './history.ts';

/** What the simulator's log, one JSON object a line, says of arrivals. */
export interface SimulatorLog {
  readonly arrivals: readonly Arrival[];
  readonly acknowledged: readonly Acknowledged[];
  /** The last line was broken off: the simulator was killed while it wrote. */
  readonly brokenOff: boolean;
}

/** @throws SyntaxError that names the line when one before the last is not JSON */
export function readSimulatorLog(text: string): SimulatorLog {
  const lines = text.split('\n');
  const arrivals: Arrival[] = [];
  const acknowledged: Acknowledged[] = [];
  const calls = new Map<string, Call>();
  let run = 0;
  let started = false;
  let brokenOff = false;
  for (const [i, line] of lines.entries()) {
    if (line === '') continue;
    const event = parse(line);
    if (event === undefined) {
      if (i < lines.length - 1) throw new SyntaxError(`line ${i + 1} of the simulator's log is not JSON`);
      brokenOff = true;
    } else if (event.type === 'request') {
      const arrival = arrivalOf(event, run);
      arrivals.push(arrival);
      if (event.sessionId !== null && arrival.call !== null) calls.set(event.sessionId, arrival.call);
    } else if (event.type === 'callback') {
      const call = calls.get(event.sessionId);
      if (call && event.status === 200) acknowledged.push(acknowledgedBy(event, call));
    } else if (event.type === 'control' && event.what === 'start') {
      if (started) run += 1;
      started = true;
    }
  }
  return { arrivals, acknowledged, brokenOff };
}

type LogLine = RequestEvent | { readonly type: 'control'; readonly what: string } | CallbackEvent;

function parse(line: string): LogLine | undefined {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return undefined;
  }
}

function acknowledgedBy({ sessionId, code }: CallbackEvent, { messageId, attemptId }: Call): Acknowledged {
  return { eventId: callbackEventId({ messageId, attemptId, sessionId, code }), messageId, code };
}

function arrivalOf(event: RequestEvent, run: number): Arrival {
  const { receivedMs, at, status, taken, withinLimit, callbackUrl } = event;
  const call = callOf(callbackUrl);
  return { run, receivedMs, arrivedAtMs: Date.parse(at), status, taken, withinLimit, call };
}

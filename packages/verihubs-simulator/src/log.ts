import { createWriteStream } from 'node:fs';
import { styleText } from 'node:util';
import type { CallbackEvent, ControlEvent, RequestEvent, SimulatorEvent } from './events.ts';

const time = (at: string): string => styleText('dim', at.slice(11, 23));

const who = (event: RequestEvent): string =>
  event.msisdn ?? (event.msisdnHash === null ? '-' : `~${event.msisdnHash.slice(0, 8)}`);

const short = (sessionId: string | null): string =>
  sessionId === null ? '' : ` session ${sessionId.slice(0, 8)}`;

function requestLine(event: RequestEvent): string {
  const status = event.status === null ? '---' : String(event.status);
  const color = event.status === 201 ? 'green' : event.taken ? 'yellow' : 'red';
  const reason = event.reason === 'taken' ? '' : ` (${event.reason})`;
  const taken = event.taken ? 'taken' : 'not taken';
  const name = event.templateName ?? '-';
  return `${time(event.at)} #${event.seq} ${styleText(color, status)} ${taken} ${who(event)} ${name}${short(event.sessionId)}${reason}`;
}

function callbackLine(event: CallbackEvent): string {
  const outcome = event.status === null ? (event.error ?? event.result) : String(event.status);
  const color = event.status === 200 ? 'cyan' : 'yellow';
  const again = `${event.duplicate ? ' duplicate' : ''}${event.attempt > 1 ? ` try ${event.attempt}` : ''}`;
  return `${time(event.at)}   callback ${event.code}${short(event.sessionId)} ${styleText(color, outcome)}${again}`;
}

const controlLine = (event: ControlEvent): string =>
  `${time(event.at)} ${styleText('bold', event.what)} ${JSON.stringify(event.details)}`;

/** One line for people, without its line end; with colours where the terminal has them. */
export function prettyLine(event: SimulatorEvent): string {
  switch (event.type) {
    case 'request':
      return requestLine(event);
    case 'callback':
      return callbackLine(event);
    case 'control':
      return controlLine(event);
  }
}

export type LogFile = {
  write(event: SimulatorEvent): void;
  /** Resolves when everything is in the file. */
  close(): Promise<void>;
};

/** Appends events to a file, one JSON object a line. `onError` is called when the file cannot be written. */
export function openLogFile(path: string, onError: (error: Error) => void): LogFile {
  const stream = createWriteStream(path, { flags: 'a' });
  stream.on('error', onError);
  return {
    write(event) {
      stream.write(`${JSON.stringify(event)}\n`);
    },
    close: () =>
      new Promise((resolve) => {
        stream.on('close', () => resolve());
        stream.end();
      }),
  };
}

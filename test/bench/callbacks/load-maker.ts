/**
 * Makes unique signed callbacks: `load-maker.ts URL TOKENS_FILE RUN SECONDS CONNECTIONS [RATE]`. Each token of the
 * file is used in turn, each session id once; RUN, eight hexadecimal digits, begins them all. Prints one line of JSON.
 *
 * With a RATE, requests are due evenly, whatever becomes of those before; one that finds no free connection waits, and
 * its latency is counted from when it was due, so a server that stands still is not spared by those that could not be
 * sent meanwhile. Without, each connection sends as soon as it was answered.
 *
 * It is not autocannon: that sends what is due in a second all at once when the second begins (p99 of 20 ms where it is
 * 3 ms at an even rate), and tells whole milliseconds.
 */
import { readFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { percentile } from '../table.ts';

/** What a maker of load has seen. */
export interface Seen {
  /** Answered 200. */
  readonly ok: number;
  /** Answered otherwise. */
  readonly other: number;
  /** Broken connections with a request under way, and requests that never got an answer. */
  readonly errors: number;
  /** For how long requests were due, or made. */
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

/** How long answers are waited for at the end. */
const LAST_ANSWERS_MS = 5_000;
const TICK_MS = 1;
/** A server that refuses connections is not stormed. */
const RECONNECT_MS = 20;
const HEAD_END = '\r\n\r\n';

const [url = '', tokensFile = '', run = '', seconds = '0', connections = '1', rate] = process.argv.slice(2);
const { hostname, port } = new URL(url);
const tokens = readFileSync(tokensFile, 'utf8').trimEnd().split('\n');
const durationMs = Number(seconds) * 1_000;
const gapMs = rate === undefined ? null : 1_000 / Number(rate);
const total = gapMs === null ? Number.POSITIVE_INFINITY : Math.floor(durationMs / gapMs);

interface Connection {
  readonly socket: Socket;
  /** When what is under way was due; null when nothing is. */
  dueMs: number | null;
  received: string;
}

const idle = new Set<Connection>();
const latenciesMs: number[] = [];
let made = 0;
let ok = 0;
let other = 0;
let errors = 0;
let underWay = 0;
let open = 0;
let startMs = Number.NaN;
let over = false;

/** When the next request is, or was, due; null when there is none for now. */
function nextDue(): number | null {
  const now = performance.now();
  if (Number.isNaN(startMs) || made >= total) return null;
  if (gapMs === null) return now < startMs + durationMs ? now : null;
  const dueMs = startMs + made * gapMs;
  return dueMs <= now ? dueMs : null;
}

function use(connection: Connection): void {
  const dueMs = nextDue();
  if (dueMs === null) {
    idle.add(connection);
    return;
  }
  idle.delete(connection);
  const n = made++;
  const session = `${run}-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
  const path = `/callbacks/${tokens[n % tokens.length]}?session_id=${session}&status=${1 + (n % 3)}`;
  connection.dueMs = dueMs;
  underWay += 1;
  connection.socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost${HEAD_END}`);
}

/** Takes the answer that has begun to come, once it is whole. */
function read(connection: Connection, chunk: string): void {
  const text = connection.received + chunk;
  connection.received = text;
  const headEnd = text.indexOf(HEAD_END);
  if (headEnd < 0) return;
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1] ?? 0);
  if (text.length < headEnd + HEAD_END.length + length) return;
  connection.received = '';
  if (connection.dueMs === null) return;
  latenciesMs.push(performance.now() - connection.dueMs);
  if (text.startsWith('HTTP/1.1 200')) ok += 1;
  else other += 1;
  connection.dueMs = null;
  underWay -= 1;
  use(connection);
}

function connect(): void {
  const socket = createConnection({ host: hostname, port: Number(port), noDelay: true });
  const connection: Connection = { socket, dueMs: null, received: '' };
  socket.setEncoding('latin1');
  socket.on('connect', () => {
    open += 1;
    if (open === Number(connections) && Number.isNaN(startMs)) begin();
    use(connection);
  });
  socket.on('data', (chunk) => read(connection, String(chunk)));
  // What went wrong is heard as the end that follows.
  socket.on('error', () => {});
  socket.on('close', () => {
    idle.delete(connection);
    if (connection.dueMs !== null) {
      errors += 1;
      underWay -= 1;
    }
    if (!over) setTimeout(connect, RECONNECT_MS);
  });
}

function begin(): void {
  startMs = performance.now();
  for (const connection of idle) use(connection);
  const ticking = setInterval(() => {
    for (const connection of idle) {
      if (nextDue() === null) break;
      use(connection);
    }
    const pastEndMs = performance.now() - startMs - durationMs;
    const done = underWay === 0 && (gapMs === null || made >= total);
    if (pastEndMs < 0 || !(done || pastEndMs > LAST_ANSWERS_MS)) return;
    clearInterval(ticking);
    end();
  }, TICK_MS);
}

function end(): void {
  over = true;
  const neverSent = gapMs === null ? 0 : total - made;
  const [p50Ms = 0, p99Ms = 0, p999Ms = 0, maxMs = 0] = [0.5, 0.99, 0.999, 1].map((p) =>
    percentile(latenciesMs, p),
  );
  const seen: Seen = {
    ...{ ok, other, errors: errors + underWay + neverSent, seconds: Number(seconds) },
    ...{ p50Ms, p99Ms, p999Ms, maxMs },
  };
  process.stdout.write(`${JSON.stringify(seen)}\n`, () => process.exit());
}

for (let i = 0; i < Number(connections); i++) connect();

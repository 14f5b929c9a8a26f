/**
 * Takes what is posted and answers 201 at once: `receiver.ts PORT`. It is not the simulator, which keeps every
 * request, checks it and judges the rate; nor Node's HTTP server: both would be slower than what is measured. It only
 * looks where a request ends, by its Content-Length. `GET /arrivals` tells how many there were, and when.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type Socket } from 'node:net';

/** What the receiver has seen. */
export interface Arrivals {
  readonly count: number;
  /** Of the first and the last one, and of this answer: monotonic ms of the receiver. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly nowMs: number;
  /** The most connections that were open at a time. */
  readonly connections: number;
}

let count = 0;
let firstMs = Number.NaN;
let lastMs = Number.NaN;
let open = 0;
let connections = 0;

const HEAD_END = '\r\n\r\n';
const taken = answer('201 Created', `{"message":"Message is being sent","session_id":"${randomUUID()}"}`);

function answer(status: string, body: string): Buffer {
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
  return Buffer.from(`${head}${HEAD_END}${body}`);
}

/** @returns how long the first request in the bytes is; more than there is while it is not whole */
function lengthOf(bytes: Buffer): number {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd === -1) return Number.POSITIVE_INFINITY;
  const length = /\r\ncontent-length: *(\d+)/i.exec(bytes.toString('latin1', 0, headEnd))?.[1] ?? 0;
  return headEnd + HEAD_END.length + Number(length);
}

function respond(socket: Socket, request: Buffer): void {
  if (request.toString('latin1', 0, 4) === 'POST') {
    lastMs = performance.now();
    if (count === 0) firstMs = lastMs;
    count += 1;
    socket.write(taken);
    return;
  }
  const arrivals: Arrivals = { count, firstMs, lastMs, nowMs: performance.now(), connections };
  socket.write(answer('200 OK', JSON.stringify(arrivals)));
}

const server = createServer((socket) => {
  let rest: Buffer = Buffer.alloc(0);
  open += 1;
  connections = Math.max(connections, open);
  socket.setNoDelay();
  socket.on('data', (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let length = lengthOf(rest); length <= rest.length; length = lengthOf(rest)) {
      respond(socket, rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  });
  // Whoever is measured is ended in the middle of something.
  socket.on('error', () => {});
  socket.on('close', () => {
    open -= 1;
  });
});
server.listen(Number(process.argv[2]), '127.0.0.1');

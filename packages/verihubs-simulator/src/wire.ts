import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Reply } from './decide.ts';
import type { Sleeper } from './sleeper.ts';

const MAX_BODY_BYTES = 256 * 1_024;
const GARBAGE = '<html><body>201 Created {"session_id":';
const DRIBBLES = 10;

/** The whole body, or why there is none. What comes beyond the limit is read and forgotten. */
export function readBody(request: IncomingMessage): Promise<Buffer | 'too-large' | 'broken-off'> {
  return new Promise((resolve) => {
    if (request.destroyed) {
      resolve('broken-off');
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    });
    request.on('end', () => resolve(bytes > MAX_BODY_BYTES ? 'too-large' : Buffer.concat(chunks)));
    request.on('error', () => resolve('broken-off'));
    request.on('close', () => resolve('broken-off'));
  });
}

/** Writes the response's head by hand, a few bytes at a time, which node:http would never do. */
async function dribble(
  response: ServerResponse,
  body: string,
  overMs: number,
  sleeper: Sleeper,
): Promise<void> {
  const socket = response.socket;
  if (socket === null) return;
  const length = Buffer.byteLength(body);
  const head = `HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n`;
  const step = Math.ceil(head.length / DRIBBLES);
  for (let at = 0; at < head.length && !socket.destroyed; at += step) {
    if (!(await sleeper.sleep(overMs / DRIBBLES))) break;
    if (socket.writable) socket.write(head.slice(at, at + step));
  }
  if (socket.writable) socket.end(body);
}

/** Sends a reply, or breaks off as it says. Resolves when all of it was handed to the system. */
export async function send(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  sleeper: Sleeper,
): Promise<void> {
  switch (reply.wire) {
    case 'hold':
      return;
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'slow-headers':
      return dribble(response, JSON.stringify(reply.body), reply.overMs, sleeper);
    case 'garbage':
      response.writeHead(201, { 'content-type': 'application/json', 'content-length': GARBAGE.length });
      response.end(GARBAGE);
      return;
    case 'json': {
      const body = JSON.stringify(reply.body);
      response.writeHead(reply.status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        ...reply.headers,
      });
      response.end(body);
      return;
    }
  }
}

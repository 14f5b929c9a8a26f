import type { Socket } from 'node:net';
import { answerTo, type RefusedReason, type RequestOutcome } from './answers.ts';

/** Fastify's own errors have the status that it would answer; one without is a fault of ours. */
export function outcomeOfError(error: unknown): RequestOutcome {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (typeof status !== 'number' || status < 400 || status >= 500) return { kind: 'failed' };
  return { kind: 'refused', reason: status === 413 ? 'BODY_TOO_LARGE' : 'BAD_REQUEST' };
}

/**
 * Answers on a connection whose bytes never became a request: no HTTP, too many headers, too slow.
 * @returns why it was refused; null where nobody is there any more to be answered
 */
export function refuseConnection(code: string | undefined, socket: Socket): RefusedReason | null {
  if (code === 'ECONNRESET' || code === 'EPIPE' || !socket.writable) {
    socket.destroy();
    return null;
  }
  const reason = reasonOfCode(code);
  const { status, headers, body } = answerTo({ kind: 'refused', reason });
  const lines = { ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} Refused\r\n${head.join('')}\r\n${body}`);
  // A client that never reads or closes would keep its half of the connection.
  socket.destroySoon();
  return reason;
}

function reasonOfCode(code: string | undefined): RefusedReason {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 'HEADERS_TOO_LARGE';
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'TOO_SLOW';
    default:
      return 'BAD_REQUEST';
  }
}

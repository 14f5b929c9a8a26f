/** The public server with its journey doubled, and connections to it that need not speak HTTP. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { FastifyInstance } from 'fastify';
import type { Outcome, ReceivedCallback } from '../journey.ts';
import type { RequestOutcome } from './answers.ts';
import { SERVER_LIMITS, type ServerLimits } from './limits.ts';
import { type CallbackServerOptions, createCallbackServer } from './server.ts';

export const PROBLEM = 'application/problem+json; charset=utf-8';
export const accepted: Outcome = { kind: 'accepted', status: 'SENT', keeper: 'kafka' };
/** A request that is answered, and leaves the connection open. */
export const GOOD = 'GET /callbacks/t?session_id=s&status=1 HTTP/1.1\r\nhost: h\r\n\r\n';

/** What takes seconds in earnest takes a fraction of one here. */
export const SHORT_LIMITS: ServerLimits = {
  ...SERVER_LIMITS,
  headersTimeoutMs: 100,
  requestTimeoutMs: 200,
  timeoutCheckMs: 20,
  silenceTimeoutMs: 400,
  keepAliveTimeoutMs: 100,
};

/** Doubled: the journey. Observed: what reaches it, what is counted, what failed, and what is dropped. */
export function setUp(t: TestContext, options: Partial<CallbackServerOptions> = {}) {
  const received: ReceivedCallback[] = [];
  const outcomes: string[] = [];
  const faults: Error[] = [];
  const { receive = async () => accepted, ...others } = options;
  const server = createCallbackServer({
    receive: (callback) => {
      received.push(callback);
      return receive(callback);
    },
    answered: (outcome: RequestOutcome) =>
      outcomes.push('reason' in outcome ? `${outcome.kind} ${outcome.reason}` : outcome.kind),
    failed: (error) => faults.push(error),
    ...others,
  });
  t.after(() => server.close());
  return { server, received, outcomes, faults };
}

/** @returns the port */
export async function listen(server: FastifyInstance): Promise<number> {
  await server.listen({ host: '127.0.0.1', port: 0 });
  const address = server.server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}

export interface RawConnection {
  readonly socket: Socket;
  /** What came so far. */
  readonly text: () => string;
  /** All that came, once the other side has ended or reset the connection. */
  readonly ended: Promise<string>;
  /** Resolves once what came matches. */
  readonly got: (pattern: RegExp) => Promise<void>;
}

export async function open(t: TestContext, port: number): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  // A reset is an end like another here.
  socket.on('error', () => {});
  const ended = new Promise<string>((resolve) => socket.on('close', () => resolve(text)));
  await once(socket, 'connect');
  return {
    socket,
    text: () => text,
    ended,
    async got(pattern) {
      while (!pattern.test(text))
        await Promise.race([once(socket, 'data'), ended.then(() => failWith(text))]);
    },
  };
}

function failWith(text: string): never {
  assert.fail(`the connection ended before that came: ${JSON.stringify(text)}`);
}

/** The status codes of the answers in `text`, in their order. */
export function statusesIn(text: string): readonly number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

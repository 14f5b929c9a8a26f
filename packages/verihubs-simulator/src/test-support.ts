/** What the tests of this package share: a simulator that ends with its test, a caller, and a receiver of callbacks. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { request } from 'undici';
import type { SimulatorEvent } from './events.ts';
import { startVerihubs, type Verihubs, type VerihubsOptions } from './simulator.ts';

export const HEADERS = {
  'app-id': 'demo-app',
  'api-key': 'demo-key',
  accept: 'application/json',
  'content-type': 'application/json',
};

/** No waiting before callbacks. */
export const AT_ONCE = { delayMs: { minMs: 0, maxMs: 0 } };

export async function startFor(t: TestContext, options: VerihubsOptions = {}): Promise<Verihubs> {
  const verihubs = await startVerihubs(options);
  t.after(() => verihubs.stop());
  return verihubs;
}

export const sendBody = (changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  msisdn: '6281100000001',
  template_name: 'otp_login',
  lang_code: 'id',
  content: { body_params: ['123456'] },
  ...changes,
});

export const sendUrl = (verihubs: Verihubs): string => `${verihubs.url}/v2/whatsapp/message/send`;

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
};

/** Sends a message, or, with text, any body. */
export async function post(
  verihubs: Verihubs,
  body: Readonly<Record<string, unknown>> | string = sendBody(),
  headers: Readonly<Record<string, string>> = HEADERS,
): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await request(sendUrl(verihubs), { method: 'POST', headers, body: text });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

/** Sends a message over a connection of its own and leaves it to the test to see what comes back. */
export async function postRaw(t: TestContext, verihubs: Verihubs): Promise<Socket> {
  const socket = connect(verihubs.port, '127.0.0.1');
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  const body = JSON.stringify(sendBody());
  const head = Object.entries({ ...HEADERS, host: 'h', 'content-length': String(body.length) });
  const lines = head.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.write(`POST /v2/whatsapp/message/send HTTP/1.1\r\n${lines}\r\n${body}`);
  return socket;
}

/** Resolves with the next event that fits. */
export function nextEvent(
  verihubs: Verihubs,
  fits: (event: SimulatorEvent) => boolean,
): Promise<SimulatorEvent> {
  return new Promise((resolve) => {
    const unfollow = verihubs.control.follow((event) => {
      if (!fits(event)) return;
      unfollow();
      resolve(event);
    });
  });
}

export type ReceivedCallback = {
  readonly method: string;
  readonly target: string;
  readonly contentType: string | undefined;
  readonly body: string;
};

export type Receiver = { readonly url: string; readonly received: readonly ReceivedCallback[] };

async function read(incoming: IncomingMessage): Promise<ReceivedCallback> {
  let body = '';
  for await (const chunk of incoming) body += String(chunk);
  const { method = '', url: target = '', headers } = incoming;
  return { method, target, contentType: headers['content-type'], body };
}

/** A server that takes callbacks and answers the n-th (from 1) with `status(n)`. */
export async function startReceiver(
  t: TestContext,
  status: (n: number) => number = () => 200,
): Promise<Receiver> {
  const received: ReceivedCallback[] = [];
  const server = createServer(async (incoming, response) => {
    received.push(await read(incoming));
    response.writeHead(status(received.length)).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/callbacks/token`, received };
}

/** The status codes of callbacks that carry them in the query. */
export const codesOf = (receiver: Receiver): string[] =>
  receiver.received.map(({ target }) => new URLSearchParams(target.split('?')[1]).get('status') ?? '');

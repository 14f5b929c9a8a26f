/**
 * callback-ingest against a real Kafka and registry. Doubled: Verihubs (the requests made here) and, where
 * Kafka is away, the network to it (a proxy that is cut). Observed: answers, the status topic, `/readyz`,
 * metrics, log lines, exit codes.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type CallbackClaims, signToken } from '@whatsapp-stream/callback-token';
import { setUp } from '@whatsapp-stream/cli';
import {
  callbackEventId,
  connectRegistry,
  STATUS_SYMBOLS,
  STATUSES,
  type StatusEvent,
  statusOfCode,
  type TopicNames,
} from '@whatsapp-stream/schemas';
import { followStatus, kafkaAt, type RunningIngest, startIngest } from '../support/callback-ingest.ts';
import { type KafkaProxy, startKafkaProxy } from '../support/kafka-proxy.ts';
import { useStack } from '../support/stack.ts';
import { ownFolder } from '../support/system.ts';
import { until } from '../support/until.ts';

const KEY = { id: 'k1', secret: 'a-secret-of-enough-length' };
const RETIRED_KEY = { id: 'k0', secret: 'an-older-secret-of-that-length' };
const MAIN = fileURLToPath(new URL('../../services/callback-ingest/src/main.ts', import.meta.url));
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const stack = await useStack();
const kafka = kafkaAt(stack.brokers);
const registry = connectRegistry({ url: stack.registryUrl });

function ownNames(): TopicNames {
  const run = `ingest-${randomUUID().slice(0, 8)}`;
  return {
    lanes: [`${run}.otp`],
    status: `${run}.status`,
    deadLetter: `${run}.dlq`,
    control: `${run}.control`,
  };
}

const names = ownNames();
const environment = {
  KAFKA_BROKERS: stack.brokers,
  SCHEMA_REGISTRY_URL: stack.registryUrl,
  STATUS_TOPIC: names.status,
  CALLBACK_SIGNING_KEYS: `${KEY.id}:${KEY.secret}`,
};

const report = await setUp({ kafka, registry, names, replicationFactor: 1 });
assert.ok(report.right);
const log = await followStatus(kafka, registry, names.status);
after(() => log.close());

async function start(t: TestContext, env: Readonly<Record<string, string>> = {}): Promise<RunningIngest> {
  const ingest = await startIngest({ ...environment, ...env });
  t.after(() => ingest.stop());
  return ingest;
}

async function proxied(t: TestContext): Promise<KafkaProxy> {
  const proxy = await startKafkaProxy(stack.brokers);
  t.after(() => proxy.cut());
  return proxy;
}

/** One message's attempt, and the path that Verihubs was given for it. */
function attempt() {
  const claims: CallbackClaims = {
    messageId: `m-${randomUUID()}`,
    attempt: 2,
    attemptId: `2.${randomUUID().slice(0, 6)}`,
    issuedAtMs: Date.now(),
    traceparent: TRACEPARENT,
  };
  const sessionId = randomUUID();
  const path = `/callbacks/${signToken(KEY, claims)}`;
  const query = (code: number | string) => `?session_id=${sessionId}&status=${code}`;
  const isIts = (event: StatusEvent) => event.session_id === sessionId;
  return { claims, sessionId, path, query, isIts };
}

const post = (body: string | URLSearchParams, type?: string): RequestInit => ({
  method: 'POST',
  body,
  ...(type ? { headers: { 'content-type': type } } : {}),
});

describe('a callback that is taken', () => {
  const codes = STATUS_SYMBOLS.map((status) => STATUSES[status].code).filter((code) => code !== null);

  for (const code of [...codes, 4, 99, -1]) {
    test(`status ${code} becomes ${statusOfCode(code)}, and is one fact in whatever form it comes`, async (t) => {
      const ingest = await start(t);
      const { claims, sessionId, path, query, isIts } = attempt();
      const fields = { session_id: sessionId, status: String(code) };
      const answers = [
        await ingest.call(`${path}${query(code)}`),
        await ingest.call(`${path}${query(code)}`, { method: 'POST' }),
        await ingest.call(path, post(new URLSearchParams(fields))),
        await ingest.call(
          path,
          post(JSON.stringify({ ...fields, status: code, try_count: 1 }), 'application/json'),
        ),
      ];
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200, 200, 200],
      );

      const records = await log.take(4, isIts);
      const { messageId, attemptId } = claims;
      const event_id = callbackEventId({ messageId, attemptId, sessionId, code });
      const status = statusOfCode(code);
      for (const { key, event, headers } of records) {
        assert.equal(key, messageId);
        assert.partialDeepStrictEqual(event, {
          event_id,
          message_id: messageId,
          session_id: sessionId,
          status,
          provider_code: code,
          origin: 'CALLBACK',
          attempt: 2,
          attempt_id: attemptId,
          charged: STATUSES[status].charged,
          verified: true,
          lane: null,
        });
        assert.partialDeepStrictEqual(headers, {
          ce_id: event_id,
          ce_source: '/whatsapp-stream/callback-ingest',
          ce_time: new Date(event.occurred_at).toISOString(),
          traceparent: TRACEPARENT,
        });
      }
    });
  }

  test('is marked as not verified when it is unsigned and that is allowed', async (t) => {
    const ingest = await start(t, { CALLBACK_UNSIGNED: 'accept' });
    const { sessionId, query, isIts } = attempt();
    assert.equal((await ingest.call(`/callbacks${query(2)}`)).status, 200);
    const [record] = await log.take(1, isIts);
    assert.equal(record?.key, sessionId);
    const expected = { message_id: null, attempt: 0, attempt_id: null, status: 'DELIVERED', verified: false };
    assert.partialDeepStrictEqual(record?.event, expected);
  });

  test('may be signed by either of two keys', async (t) => {
    const keys = `${KEY.id}:${KEY.secret},${RETIRED_KEY.id}:${RETIRED_KEY.secret}`;
    const ingest = await start(t, { CALLBACK_SIGNING_KEYS: keys });
    const { claims, query, path } = attempt();
    const retired = `/callbacks/${signToken(RETIRED_KEY, claims)}`;
    assert.equal((await ingest.call(`${path}${query(1)}`)).status, 200);
    assert.equal((await ingest.call(`${retired}${query(1)}`)).status, 200);
  });
});

test('what is refused is told as a problem, counted by reason, and nowhere in a log', async (t) => {
  const ingest = await start(t);
  const { claims, sessionId, path, query, isIts } = attempt();
  const token = path.slice('/callbacks/'.length);
  const cases: readonly [string, number, string, RequestInit?][] = [
    [`/callbacks${query(1)}`, 401, 'MISSING_TOKEN'],
    [`/callbacks/nonsense${query(1)}`, 401, 'MALFORMED_TOKEN'],
    [`/callbacks/${'x'.repeat(3_000)}${query(1)}`, 401, 'MALFORMED_TOKEN'],
    [`/callbacks/${signToken(RETIRED_KEY, claims)}${query(1)}`, 401, 'UNKNOWN_KEY'],
    [`/callbacks/${signToken({ ...RETIRED_KEY, id: KEY.id }, claims)}${query(1)}`, 401, 'BAD_SIGNATURE'],
    [path, 400, 'SESSION_ID_MISSING'],
    [`${path}${query('read')}`, 400, 'STATUS_INVALID'],
    [path, 400, 'BODY_TYPE_UNSUPPORTED', post('<a/>', 'application/xml')],
    [`/elsewhere${query(1)}`, 404, 'NOT_FOUND'],
    [`${path}${query(1)}`, 405, 'METHOD_NOT_ALLOWED', { method: 'PUT' }],
    [path, 413, 'BODY_TOO_LARGE', post('x'.repeat(8 * 1024 + 1))],
  ];
  for (const [url, status, reason, init] of cases) {
    const response = await ingest.call(url, init);
    assert.equal(response.status, status, reason);
    assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
    assert.equal(response.headers.get('allow'), status === 405 ? 'GET, POST' : null);
    const text = await response.text();
    for (const secret of [token, sessionId]) assert.ok(!text.includes(secret));
  }
  assert.equal((await ingest.call(`${path}${query(1)}`)).status, 200);
  await log.take(1, isIts);

  const metrics = await ingest.metrics();
  for (const [, , reason] of cases)
    assert.match(metrics, new RegExp(`requests_total{.*reason="${reason}".*} [12]`));
  assert.match(metrics, /events_total{status="SENT".*} 1/);
  assert.match(metrics, /ack_seconds_count{.*} 1/);
  for (const secret of [token, sessionId, claims.messageId, KEY.secret]) {
    assert.ok(!metrics.includes(secret));
    assert.ok(!ingest.log.join('').includes(secret));
  }
});

test('callbacks are taken before Kafka, the topic and the schema have ever answered', async (t) => {
  const proxy = await proxied(t);
  await proxy.cut();
  const own = ownNames();
  const ingest = await start(t, { KAFKA_BROKERS: proxy.address, STATUS_TOPIC: own.status });
  const { path, query, isIts } = attempt();
  assert.equal((await ingest.call(`${path}${query(1)}`)).status, 200);
  const waitsFor = (what: RegExp) =>
    until(`waits for ${what}`, async () => {
      const { status, text } = await ingest.ready();
      return status === 200 && /"degraded"/.test(text) && what.test(text);
    });
  await waitsFor(/waiting for Kafka at .*waiting for our schema/);
  await proxy.restore();
  await waitsFor(/waiting for topic ingest-/);
  for (const line of [/waiting for topic .*npm run setup/, /waiting for our schema .*npm run setup/]) {
    await until(`logged ${line}`, async () => line.test(ingest.log.join('')));
  }
  await setUp({ kafka, registry, names: own, replicationFactor: 1 });
  const ownLog = await followStatus(kafka, registry, own.status);
  t.after(() => ownLog.close());
  await ownLog.take(1, isIts);
  await until('nothing is degraded', async () => /"ok"/.test((await ingest.ready()).text));
});

test('while Kafka is away the spool keeps callbacks, and Kafka has them when it is back', async (t) => {
  const proxy = await proxied(t);
  const ingest = await start(t, { KAFKA_BROKERS: proxy.address, KAFKA_ACK_TIMEOUT_MS: '300' });
  const { path, query, isIts } = attempt();
  assert.equal((await ingest.call(`${path}${query(0)}`)).status, 200);
  await log.take(1, isIts);
  await proxy.cut();

  assert.equal((await ingest.call(`${path}${query(1)}`)).status, 200);
  const ready = await ingest.ready();
  assert.equal(ready.status, 200);
  assert.match(ready.text, /"degraded":\["Kafka: /);
  assert.match(await ingest.metrics(), /callback_kafka_up{.*} 0\n/);
  assert.match(await ingest.metrics(), /events_total{status="SENT",keeper="spool".*} 1\n/);

  await proxy.restore();
  await until('the event is there', async () => log.seen(isIts).length > 1);
  await until('nothing is degraded', async () => /"ok"/.test((await ingest.ready()).text));
  await until('the spool is empty', async () => /spool_events{.*} 0\n/.test(await ingest.metrics()));
  assert.equal((await ingest.call(`${path}${query(2)}`)).status, 200);
  const isDelivered = (event: StatusEvent) => isIts(event) && event.status === 'DELIVERED';
  await log.take(1, isDelivered);
});

test('an event that lands without an acknowledgement has the same id when the spool brings it again', async (t) => {
  const proxy = await proxied(t);
  const ingest = await start(t, { KAFKA_BROKERS: proxy.address, KAFKA_ACK_TIMEOUT_MS: '300' });
  const { path, query, isIts } = attempt();
  // Opens the producer's connection, so that the next event needs no answer before it can be sent.
  assert.equal((await ingest.call(`${path}${query(0)}`)).status, 200);
  proxy.loseAnswers();
  assert.equal((await ingest.call(`${path}${query(3)}`)).status, 200);
  const isRead = (event: StatusEvent) => isIts(event) && event.status === 'READ';
  const [landed] = await log.take(1, isRead);

  await proxy.cut();
  await proxy.restore();
  await until('there again', async () => log.seen(isRead).length > 1);
  for (const { event } of log.seen(isRead)) {
    assert.equal(event.event_id, landed?.event.event_id);
    assert.equal(event.occurred_at, landed?.event.occurred_at);
  }
});

test('it stops in time while Kafka does not answer, and the next one brings what it had answered', async (t) => {
  const proxy = await proxied(t);
  const SPOOL_DIR = ownFolder('spool');
  const own = { KAFKA_BROKERS: proxy.address, SPOOL_DIR };
  const ingest = await start(t, { ...own, KAFKA_ACK_TIMEOUT_MS: '5000' });
  const { path, query, isIts } = attempt();
  assert.equal((await ingest.call(`${path}${query(0)}`)).status, 200);
  await log.take(1, isIts);
  await proxy.cut();
  const codes = [1, 2, 3, 6, 7];
  const answers = Promise.all(codes.map((code) => ingest.call(`${path}${query(code)}`)));
  await until('they wait for Kafka', async () => /callback_pending{.*} 5\n/.test(await ingest.metrics()));
  const began = performance.now();
  await ingest.stop();
  assert.ok(performance.now() - began < 15_000);
  for (const { status } of await answers) assert.equal(status, 200);
  assert.equal(log.seen(isIts).length, 1);

  await proxy.restore();
  await start(t, own);
  // What the first one had under way can land beside what the second one brings.
  const facts = () => new Set(log.seen(isIts).map(({ event }) => event.event_id));
  await until('all are there', async () => facts().size === 1 + codes.length);
});

test('it stops soon while it still waits for Kafka', async (t) => {
  const proxy = await proxied(t);
  await proxy.cut();
  const ingest = await start(t, { KAFKA_BROKERS: proxy.address });
  await until('waiting', async () => /waiting for Kafka/.test((await ingest.ready()).text));
  const began = performance.now();
  await ingest.stop();
  assert.ok(performance.now() - began < 15_000);
});

test('while it stops it says so first, and goes on taking callbacks for a while', async (t) => {
  const ingest = await start(t, { CALLBACK_STOP_DELAY_MS: '2000' });
  await until('Kafka has answered', async () => /"ok"/.test((await ingest.ready()).text));
  const { path, query, isIts } = attempt();
  const stopped = ingest.stop();
  const { status, text } = await ingest.ready();
  assert.equal(status, 503);
  assert.match(text, /stopping/);
  assert.equal((await ingest.call(`${path}${query(1)}`)).status, 200);
  await stopped;
  await log.take(1, isIts);
  await assert.rejects(ingest.call(`${path}${query(2)}`));
});

describe('the process', () => {
  function run(env: Readonly<Record<string, string>>) {
    const child = spawn(process.execPath, [MAIN], {
      env: {
        PATH: process.env['PATH'],
        NODE_OPTIONS: process.env['NODE_OPTIONS'],
        SPOOL_DIR: ownFolder('spool'),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return { child, exited: once(child, 'exit') };
  }

  test('on SIGTERM answers what is under way, keeps all that it answered 200, and exits with 0', async (t) => {
    const { child, exited } = run({ ...environment, CALLBACK_PORT: '0', ADMIN_PORT: '0' });
    t.after(() => child.kill('SIGKILL'));
    let port: number | undefined;
    for await (const line of createInterface({ input: child.stdout })) {
      const entry: unknown = JSON.parse(line);
      if (typeof entry !== 'object' || entry === null) continue;
      if (Reflect.get(entry, 'msg') === 'callbacks are taken') port = Number(Reflect.get(entry, 'port'));
      if (port !== undefined) break;
    }
    child.stdout.resume();
    const { path, query, isIts } = attempt();
    const calls = Array.from({ length: 60 }, async (_, i) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}${query(100 + i)}`).catch(() => null);
      if (response?.status === 200) child.kill('SIGTERM');
      return response?.status === 200 ? 100 + i : null;
    });
    const kept = (await Promise.all(calls)).filter((code) => code !== null);
    const stopped = performance.now();
    assert.deepEqual(await exited, [0, null]);
    assert.ok(performance.now() - stopped < 15_000);
    assert.ok(kept.length > 0);
    const isKept = (event: StatusEvent) => isIts(event) && kept.includes(event.provider_code ?? -1);
    await log.take(kept.length, isKept);
  });

  test('with a wrong environment exits with 78 and one message that lists all faults', async () => {
    const { child, exited } = run({ KAFKA_BROKERS: 'nonsense', CALLBACK_SIGNING_KEYS: 'k1:hush' });
    let text = '';
    child.stderr.on('data', (chunk) => {
      text += String(chunk);
    });
    assert.deepEqual(await exited, [78, null]);
    for (const name of ['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL', 'CALLBACK_SIGNING_KEYS']) {
      assert.ok(text.includes(name), name);
    }
    assert.ok(!text.includes('hush'));
  });
});

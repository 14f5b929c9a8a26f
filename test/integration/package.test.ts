/**
 * `@whatsapp-stream/client` as npm users get it: built, packed, looked at by publint and Are the Types Wrong, installed
 * from its tarball into an empty folder, and there compiled against and run, with a real Kafka and a real registry.
 * npm takes the libraries that the package depends on from its cache where it can.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setUp } from '@whatsapp-stream/cli';
import { createKafka } from '@whatsapp-stream/kafka';
import { connectRegistry, createEncoder, newStatusEvent, subjectOf } from '@whatsapp-stream/schemas';
import { createLogger } from '@whatsapp-stream/service-kit';
import { snippetsOf } from '../support/snippets.ts';
import { useStack } from '../support/stack.ts';
import { ownFolder, ownNames } from '../support/system.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const README = 'packages/client/README.md';
const MAX_TARBALL_BYTES = 150_000;
const TIME_OUT_MS = 120_000;

const run = promisify(execFile);
const stack = await useStack();
const names = ownNames();
const kafka = createKafka({
  brokers: stack.brokers.split(','),
  clientId: 'package',
  log: createLogger('test', 'fatal'),
});
const registry = connectRegistry({ url: stack.registryUrl });
const folder = ownFolder('package');
const built = join(folder, 'built');
const consumer = join(folder, 'consumer');

interface Tarball {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}
let tarball: Tarball;

/** @returns its standard output @throws with all its output when it fails */
async function program(file: string, args: readonly string[], cwd = folder): Promise<string> {
  const bin = join(ROOT, 'node_modules/.bin', file);
  const command = existsSync(bin) ? bin : file;
  try {
    return (await run(command, args, { cwd, timeout: TIME_OUT_MS })).stdout;
  } catch (error) {
    if (!(error instanceof Error && 'stdout' in error && 'stderr' in error)) throw error;
    throw new Error(`${file} ${args.join(' ')}\n${error.stdout}\n${error.stderr}`, { cause: error });
  }
}

before(async () => {
  const settingUp = setUp({ kafka, registry, names, replicationFactor: 1 });
  await program('node', [join(ROOT, 'packages/client/build.ts'), built]);
  [tarball] = JSON.parse(await program('npm', ['pack', built, '--json']));
  mkdirSync(consumer);
  writeFileSync(join(consumer, 'package.json'), '{ "private": true, "type": "module" }');
  const quick = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  await program('npm', ['install', ...quick, join(folder, tarball.filename)], consumer);
  await settingUp;
});

test('the tarball is small and holds the bundle alone', () => {
  const files = tarball.files.map(({ path }) => path).toSorted();
  assert.deepEqual(files, ['LICENSE', 'README.md', 'index.d.ts', 'index.js', 'package.json']);
  assert.ok(tarball.size < MAX_TARBALL_BYTES, `${tarball.size} bytes`);
});

test('publint and Are the Types Wrong find nothing', async () => {
  await Promise.all([
    program('publint', ['run', '--strict', '--level', 'suggestion', built]),
    program('attw', [join(folder, tarball.filename), '--profile', 'esm-only']),
  ]);
});

/** What the README says of a deployment, with what it is here in its place. */
function here(code: string): string {
  const { group: _, ...topics } = names;
  return code
    .replaceAll('kafka:9092', stack.brokers)
    .replaceAll(
      "registry: 'http://registry:8081'",
      `registry: '${stack.registryUrl}', topics: ${JSON.stringify(topics)}`,
    );
}

test('the programs of its README compile against it with everything strict, libraries included', async () => {
  const files = snippetsOf(README).map(({ code }, i) => {
    writeFileSync(join(consumer, `readme-${i}.ts`), here(code));
    return `readme-${i}.ts`;
  });
  assert.equal(files.length, 3);
  const compilerOptions = {
    target: 'es2024',
    module: 'nodenext',
    lib: ['es2024', 'dom'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
  };
  writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  await program('tsc', ['-p', consumer], consumer);
});

/** In JavaScript, as someone writes it who has no types. It ends when the message is delivered. */
const PROGRAM = `
import { createPublisher, createSubscriber, InvalidSendRequestError, replay, replaySendBatches } from '@whatsapp-stream/client';

const cluster = { brokers: ['kafka:9092'], registry: 'http://registry:8081' };
const publisher = await createPublisher({ ...cluster, source: 'shop', defaultRegion: 'ID' });
// Large enough to be compressed.
const template = { name: 'otp_login', langCode: 'id', bodyParams: ['x'.repeat(70_000)] };
const message = { lane: 'otp', messageId: 'm-1', msisdn: '0812-3456-7890', template };
const { topic, offset } = await publisher.send(message);
const fault = await publisher.send({ ...message, expireAt: 1 }).catch((error) => error);
await publisher.close();

const requests = [];
for await (const { events } of replaySendBatches({ ...cluster, from: 0 })) requests.push(...events);
const events = [];
for await (const event of replay({ ...cluster, from: 0 })) events.push(event);
const states = [];
const subscriber = createSubscriber({ ...cluster, group: process.argv[2], from: 'beginning' });
await subscriber.run({
  onState(state) {
    states.push(state);
    void subscriber.close();
  },
});
console.log(JSON.stringify({
  published: topic + ' ' + offset,
  refused: fault instanceof InvalidSendRequestError && fault.faults[0],
  requests: requests.map(({ message_id, msisdn, template }) => [message_id, msisdn, template.body_params[0].length]),
  events: events.map(({ message_id, status }) => [message_id, status]),
  states: states.map(({ messageId, status }) => [messageId, status]),
}));
`;

test('a program in JavaScript publishes, replays and subscribes with it', async () => {
  assert.ok(!existsSync(join(consumer, 'node_modules/@opentelemetry')), 'it must do without');
  const encoder = await createEncoder(registry, 'StatusEvent', subjectOf(names.status));
  const facts = { event_id: 'e-1', message_id: 'm-1', status: 'DELIVERED', origin: 'CALLBACK' } as const;
  const value = encoder.encode(newStatusEvent({ ...facts, occurred_at: Date.now() }));
  const producer = await kafka.producer();
  await producer.send([{ topic: names.status, key: 'm-1', value }]);
  await producer.close();

  writeFileSync(join(consumer, 'program.js'), here(PROGRAM));
  const { refused, ...told } = JSON.parse(await program('node', ['program.js', names.group], consumer));
  assert.match(refused, /^"expireAt" is not known/);
  assert.deepEqual(told, {
    published: `${names.lanes[0]} 0`,
    requests: [['m-1', '6281234567890', 70_000]],
    events: [['m-1', 'DELIVERED']],
    states: [['m-1', 'DELIVERED']],
  });
});

/**
 * The commands of `packages/cli` as child processes, and `setUp`, against a real Kafka and a real registry.
 * Nothing is doubled; status events are written here in the sender's and callback-ingest's place.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setUp } from '@whatsapp-stream/cli';
import {
  createDecoder,
  createEncoder,
  type NewStatusEvent,
  newStatusEvent,
  subjectOf,
  type TopicNames,
  topicSpecs,
} from '@whatsapp-stream/schemas';
import { runCommand as run, startCommand as start, useCommands } from '../support/commands.ts';

const { kafka, registry, ownNames, ownTopics, environment } = await useCommands('cli');

async function writeStatuses(
  names: TopicNames,
  messageId: string,
  events: readonly (Pick<NewStatusEvent, 'status' | 'origin' | 'occurred_at'> & Partial<NewStatusEvent>)[],
): Promise<void> {
  const encoder = await createEncoder(registry, 'StatusEvent', subjectOf(names.status));
  const producer = await kafka.producer();
  await producer.send(
    events.map((event) => ({
      topic: names.status,
      key: messageId,
      value: encoder.encode(
        newStatusEvent({ event_id: `${messageId} ${event.status}`, message_id: messageId, ...event }),
      ),
    })),
  );
  await producer.close();
}

/** How many records the lanes hold. */
async function published(names: TopicNames): Promise<number> {
  const admin = await kafka.admin();
  let count = 0;
  for (const lane of names.lanes) {
    for (const { low, high } of (await admin.offsets(lane)).values()) count += high - low;
  }
  await admin.close();
  return count;
}

const SENT = ['--lane', 'otp', '--msisdn', '628001', '--template', 'otp_login', '--body', '123456'];

test('setup creates everything, and finds everything right the second time', async () => {
  const names = ownNames();
  const first = await run('setup', [], environment(names));
  assert.equal(first.code, 0, first.stderr);
  const lines = first.stdout.trimEnd().split('\n');
  assert.equal(lines.length, 10, first.stdout);
  for (const line of lines) assert.match(line, /^(topic|subject) +\S+ +created$/);

  const second = await run('setup', [], environment(names));
  assert.equal(second.code, 0, second.stderr);
  for (const line of second.stdout.trimEnd().split('\n')) assert.match(line, /already right$/);
});

test('topics and subjects are as the table of topics has them', async () => {
  const names = await ownTopics();
  const admin = await kafka.admin();
  for (const { topic, partitions, config, subject } of topicSpecs(names)) {
    const found = await admin.describeTopic(topic);
    assert.equal(found?.partitions, partitions, topic);
    for (const [name, value] of Object.entries(config)) assert.equal(found.config[name], value, topic);
    if (subject) assert.equal(await registry.getCompatibility(subject), 'FULL_TRANSITIVE', subject);
  }
  await admin.close();
});

test('two set-ups at the same time both end well', async () => {
  const names = ownNames();
  const options = { kafka, registry, names, replicationFactor: 1 };
  const reports = await Promise.all([setUp(options), setUp(options)]);
  for (const report of reports) assert.ok(report.right, JSON.stringify(report));
});

test('setup reports what differs, changes nothing of it, and creates the rest', async () => {
  const names = ownNames();
  const [otp = ''] = names.lanes;
  const admin = await kafka.admin();
  const config = { 'retention.ms': '1000', 'message.timestamp.type': 'LogAppendTime' };
  await admin.createTopic({ topic: otp, partitions: 2, replicationFactor: 1, config });
  await registry.register(subjectOf(names.status), '"string"');
  await registry.setCompatibility(subjectOf(names.status), 'BACKWARD');

  const { code, stdout, stderr } = await run('setup', [], environment(names));
  assert.equal(code, 1, stderr);
  assert.match(
    stdout,
    /send\.otp +differs\n +has 2 partitions, should have 6\n +has retention\.ms=1000, should have 604800000/,
  );
  assert.match(
    stdout,
    /whatsapp\.status-value +differs\n +has compatibility BACKWARD, should have FULL_TRANSITIVE/,
  );
  assert.match(stdout, /send\.marketing +created/);
  assert.match(stderr, /Nothing of it was changed/);
  const after = await admin.describeTopic(otp);
  assert.equal(after?.partitions, 2);
  assert.equal(after.config['retention.ms'], '1000');
  await admin.close();
});

test('a message from the command line lies in its lane as it was given, and is not shown', async (t) => {
  const names = await ownTopics();
  const args = ['--lang', 'en', '--body', 'two', '--header', 'h', '--button', 'b', '--id', 'id-1'];
  const more = [
    '--meta',
    'order=7',
    '--meta',
    'eq=a=b',
    '--source',
    'demo',
    '--on-doubt',
    'hold',
    '--expires-in',
    '5m',
  ];
  const before = Date.now();
  const { code, stdout, stderr } = await run('send', [...SENT, ...args, ...more], environment(names));
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^id-1 → cli-\S+\.whatsapp\.send\.otp \d@0\n$/);
  assert.match(stderr, /npm run status -- --message-id id-1 --follow/);
  assert.doesNotMatch(stdout + stderr, /628001|123456/);

  const record = await firstRecord(t, names.lanes[0] ?? '');
  assert.equal(record.key?.toString(), 'id-1');
  const decoded = await createDecoder(registry, 'SendRequest').decode(record.value);
  assert.ok(decoded.ok);
  const { requested_at, expires_at, ...rest } = decoded.value;
  assert.ok(requested_at >= before && requested_at <= Date.now());
  assert.ok(expires_at !== null && expires_at >= before + 300_000 && expires_at <= Date.now() + 300_000);
  assert.deepEqual(JSON.parse(JSON.stringify(rest)), {
    message_id: 'id-1',
    msisdn: '628001',
    template: {
      name: 'otp_login',
      lang_code: 'en',
      header_params: ['h'],
      body_params: ['123456', 'two'],
      button_url_param: 'b',
    },
    source: 'demo',
    on_doubt: 'HOLD',
    metadata: { order: '7', eq: 'a=b' },
  });
});

async function firstRecord(t: TestContext, topic: string) {
  const found = Promise.withResolvers<{ readonly key: Buffer | null; readonly value: Buffer | null }>();
  const reader = await kafka.readTopic(topic, 'beginning', {
    records: ([record]) => record && found.resolve(record),
    failed: found.reject,
  });
  t.after(() => reader.close());
  return found.promise;
}

test('a bad msisdn is refused with code 64 and without being shown; nothing is published', async () => {
  const names = await ownTopics();
  const args = ['--lane', 'otp', '--msisdn', '+62 812-345', '--template', 'otp_login'];
  const { code, stdout, stderr } = await run('send', args, environment(names));
  assert.equal(code, 64);
  assert.equal(stdout, '');
  assert.match(stderr, /nothing was published:\n {2}- msisdn must be 6 to 15 digits/);
  assert.doesNotMatch(stderr, /812|at .*\.ts/);
  assert.equal(await published(names), 0);
});

test('one bad line of a file keeps the whole file from being published; each fault names its line', async (t) => {
  const names = await ownTopics();
  const folder = mkdtempSync(join(tmpdir(), 'cli-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'messages.ndjson');
  const good = '{"lane":"otp","msisdn":"628001","template":{"name":"t","lang_code":"id"}}';
  writeFileSync(file, `${good}\n{"msisdn": 628999\n\n${good.replace('628001', '0')}\n`);
  const { code, stdout, stderr } = await run('send', ['--file', file], environment(names));
  assert.equal(code, 64);
  assert.equal(stdout, '');
  assert.match(stderr, /line 2: is not a JSON object\n {2}- line 4: msisdn must be/);
  assert.doesNotMatch(stderr, /628/);
  assert.equal(await published(names), 0);
});

test('many messages come from stdin, and are told one a line', async () => {
  const names = await ownTopics();
  const lines = Array.from({ length: 250 }, (_, i) =>
    JSON.stringify({
      lane: i % 2 ? 'marketing' : 'transactional',
      message_id: `m-${i}`,
      msisdn: '628001',
      template: { name: 't', lang_code: 'id', body_params: ['x'.repeat(3_000)] },
    }),
  );
  const { code, stdout, stderr } = await run(
    'send',
    ['--file', '-', '--json'],
    environment(names),
    lines.join('\n'),
  );
  assert.equal(code, 0, stderr);
  const told = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    told.map(({ message_id }) => message_id),
    lines.map((_, i) => `m-${i}`),
  );
  assert.equal(
    new Set(told.map(({ topic, partition, offset }) => `${topic} ${partition} ${offset}`)).size,
    250,
  );
  assert.equal(await published(names), 250);
});

const NOW = Date.now();
const JOURNEY = [
  { status: 'READ', origin: 'CALLBACK', occurred_at: NOW - 1_000, attempt: 1 },
  { status: 'ATTEMPTED', origin: 'SENDER', occurred_at: NOW - 5_000, attempt: 1, lane: 'otp' },
  { status: 'ACCEPTED', origin: 'SENDER', occurred_at: NOW - 4_900, attempt: 1, lane: 'otp' },
  { status: 'READ', origin: 'CALLBACK', occurred_at: NOW - 1_000, attempt: 1 },
] as const;

test('status lists what happened in the order of time, duplicates once, with the way so far', async () => {
  const names = await ownTopics();
  await writeStatuses(names, 'm-1', JOURNEY);
  const { code, stdout, stderr } = await run('status', [], environment(names));
  assert.equal(code, 0, stderr);
  const ways = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/).slice(1).join('|'));
  assert.deepEqual(ways, [
    'otp|m-1|ATTEMPTED',
    'otp|m-1|ATTEMPTED → ACCEPTED',
    'otp|m-1|ATTEMPTED → ACCEPTED → READ',
  ]);
});

test('status of one message tells its journey and its state, and nothing of others', async () => {
  const names = await ownTopics();
  await writeStatuses(names, 'm-1', JOURNEY);
  await writeStatuses(names, 'm-2', [{ status: 'REFUSED', origin: 'SENDER', occurred_at: NOW }]);
  const { code, stdout, stderr } = await run('status', ['--message-id', 'm-1'], environment(names));
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /\+0 ms +ATTEMPTED +sender\n.*\+100 ms +ACCEPTED +sender\n.*\+4\.0 s +READ +callback\n\n/,
  );
  assert.match(stdout, /state +READ\njourney +closed, settled by the sender\ncharged +yes\n/);
  assert.doesNotMatch(stdout, /REFUSED/);

  const unknown = await run('status', ['--message-id', 'm-3'], environment(names));
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /about the message m-3/);
});

test('status as JSON gives every event of the log with its position, and passes over what cannot be read', async () => {
  const names = await ownTopics();
  await writeStatuses(names, 'm-1', JOURNEY);
  const producer = await kafka.producer();
  await producer.send([{ topic: names.status, key: 'poison', value: Buffer.from('nonsense') }]);
  await producer.close();
  const { code, stdout, stderr } = await run('status', ['--json', '--from-beginning'], environment(names));
  assert.equal(code, 0, stderr);
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    events.map(({ status, offset }) => [status, offset]),
    JOURNEY.map(({ status }, i) => [status, i]),
  );
  assert.match(stderr, /cannot be read \(NOT_CONFLUENT\)/);
});

/** A command that stays; its lines one by one. */
function following(t: TestContext, args: readonly string[], env: NodeJS.ProcessEnv) {
  const child = start('status', args, env);
  t.after(() => child.kill('SIGKILL'));
  const ended = Promise.all([
    new Promise<number | null>((resolve) => child.on('exit', resolve)),
    text(child.stderr),
  ]).then(([code, stderr]) => ({ code, stderr }));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    ended,
    async nextLine(): Promise<string> {
      const line = await lines.next();
      if (line.done) assert.fail(`it ended before the line came: ${JSON.stringify(await ended)}`);
      return line.value;
    },
  };
}

test('status --follow shows what comes, and ends quietly on Ctrl-C', async (t) => {
  const names = await ownTopics();
  const { child, ended, nextLine } = following(t, ['--follow'], environment(names));
  await writeStatuses(names, 'm-1', [{ status: 'ATTEMPTED', origin: 'SENDER', occurred_at: NOW }]);
  assert.match(await nextLine(), /m-1 +ATTEMPTED$/);
  const late = { status: 'EXPIRED', origin: 'SENDER', occurred_at: NOW + 1, reason: 'late' } as const;
  await writeStatuses(names, 'm-1', [late]);
  assert.match(await nextLine(), /ATTEMPTED → EXPIRED {2}· late$/);
  child.kill('SIGINT');
  assert.deepEqual(await ended, { code: 0, stderr: '' });
});

test('status ends quietly when its reader goes away', async (t) => {
  const names = await ownTopics();
  const { child, ended, nextLine } = following(t, ['--follow', '--json'], environment(names));
  await writeStatuses(names, 'm-1', JOURNEY);
  await nextLine();
  child.stdout.destroy();
  // The first line after that meets the broken pipe.
  await writeStatuses(names, 'm-2', JOURNEY);
  assert.deepEqual(await ended, { code: 0, stderr: '' });
});

test('a cluster that cannot be reached, and none at all, are told in a sentence', async () => {
  const nowhere = {
    ...environment(ownNames()),
    KAFKA_BROKERS: '127.0.0.1:1',
    SCHEMA_REGISTRY_URL: 'http://127.0.0.1:1',
  };
  const unreachable = await run('setup', ['--wait', '0'], nowhere);
  assert.equal(unreachable.code, 69);
  assert.match(
    unreachable.stderr,
    /gave up after 0 s: no answer from Kafka at 127\.0\.0\.1:1 and from the schema registry/,
  );

  const { KAFKA_BROKERS: _, SCHEMA_REGISTRY_URL: __, ...unset } = environment(ownNames());
  // A demo that runs on this machine is not to be found.
  const empty = mkdtempSync(join(tmpdir(), 'cli-test-'));
  const none = await run('send', SENT, { ...unset, XDG_RUNTIME_DIR: empty });
  rmSync(empty, { recursive: true });
  assert.equal(none.code, 78);
  assert.match(none.stderr, /Where is Kafka\? Neither KAFKA_BROKERS nor SCHEMA_REGISTRY_URL is set/);
});

/**
 * `npm run replay` as its npm script starts it, on real topics: what it writes is read back with DuckDB, or as text, and
 * compared with what was published.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { EVENT_COLUMNS } from '@whatsapp-stream/analytics';
import { createPublisher } from '@whatsapp-stream/client';
import { createEncoder, type StatusEvent, subjectOf, type TopicNames } from '@whatsapp-stream/schemas';
import { journey } from '../bench/replay/journeys.ts';
import { runCommand, startCommand, useCommands } from '../support/commands.ts';

const cluster = await useCommands('replay');
const MESSAGES = 200;
const EVENTS = 5 * MESSAGES;
const JUNK = 3;
/** Enough that a run is still under way when it is interrupted. */
const REPEATED = 60;

let names: TopicNames;
let published: readonly StatusEvent[];
let bigNames: TopicNames;

before(async () => {
  names = await cluster.ownTopics();
  bigNames = await cluster.ownTopics();
  const nowMs = Date.now();
  published = Array.from({ length: MESSAGES }, (_, i) => journey(i, nowMs, 'test')).flat();
  await publish(names, published, 1);
  await publish(bigNames, published, REPEATED);
});

async function publish(to: TopicNames, events: readonly StatusEvent[], times: number): Promise<void> {
  const encoder = await createEncoder(cluster.registry, 'StatusEvent', subjectOf(to.status));
  const producer = await cluster.kafka.producer();
  const records = events.map((event) => ({
    topic: to.status,
    key: event.message_id,
    value: encoder.encode(event),
  }));
  const junk = Array.from({ length: JUNK }, () => ({
    topic: to.status,
    key: 'junk',
    value: Buffer.from('junk'),
  }));
  for (let i = 0; i < times; i++) await producer.send(records);
  await producer.send(junk);
  await producer.close();
}

const run = (args: readonly string[], of = names) =>
  runCommand('replay', ['--from', '1h', ...args], cluster.environment(of));

async function newFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'whatsapp-stream-replay-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const database = await DuckDBInstance.create(':memory:', { threads: '1' });
const connection = await database.connect();
after(() => {
  connection.closeSync();
  database.closeSync();
});

async function query(sql: string): Promise<readonly Record<string, unknown>[]> {
  return (await connection.runAndReadAll(sql)).getRowObjectsJson();
}

const byId = (a: StatusEvent, b: StatusEvent) => (a.event_id < b.event_id ? -1 : 1);
/** Of an event as NDJSON has it, what was published. */
function eventOf({ recorded_at, kafka_partition, kafka_offset, ...event }: Record<string, unknown>) {
  assert.ok([recorded_at, kafka_partition, kafka_offset].every((value) => Number.isInteger(value)));
  return event as unknown as StatusEvent;
}

test('NDJSON to stdout is what was published; what cannot be read is counted, and told on request', async () => {
  const { code, stdout, stderr } = await run(['--skipped']);
  assert.equal(code, 0, stderr);
  const lines = stdout.trimEnd().split('\n');
  const events = lines.map((line) => eventOf(JSON.parse(line)));
  assert.deepEqual(events.sort(byId), published.toSorted(byId));
  assert.match(stderr, /1,000 events from .* written to stdout/);
  assert.match(stderr, /3 records could not be read/);
  assert.equal(stderr.match(/^skipped: \S+whatsapp\.status \d+@\d+ \(NOT_CONFLUENT\)$/gm)?.length, JUNK);
});

test('CSV is read by others as it was meant', async (t) => {
  const file = join(await newFolder(t), 'events.csv');
  const { code, stderr } = await run(['--out', file]);
  assert.equal(code, 0, stderr);
  const [row] = await query(
    `SELECT count(*) AS events, count(DISTINCT event_id) AS ids, min(occurred_at)::VARCHAR AS first,
       count(*) FILTER (metadata <> '{}') AS told FROM read_csv('${file}')`,
  );
  const told = published.filter(({ metadata }) => Object.keys(metadata).length > 0).length;
  assert.deepEqual([row?.['events'], row?.['ids'], row?.['told']].map(Number), [EVENTS, EVENTS, told]);
  const first = Math.min(...published.map(({ occurred_at }) => occurred_at));
  assert.equal(Date.parse(String(row?.['first']).replace('+00', 'Z')), first);
});

test('Parquet has the columns of the layout, a folder a day, and the same events', async (t) => {
  const folder = await newFolder(t);
  const { code, stderr } = await run(['--out', `${folder}/`]);
  assert.equal(code, 0, stderr);
  const files = `'${folder}/*/*.parquet'`;
  const columns = await query(`DESCRIBE SELECT * FROM read_parquet(${files}, hive_partitioning = false)`);
  assert.deepEqual(
    Object.fromEntries(columns.map((row) => [row['column_name'], row['column_type']])),
    Object.fromEntries(
      Object.entries(EVENT_COLUMNS).map(([name, type]) => [
        name,
        type === 'TIMESTAMPTZ' ? 'TIMESTAMP WITH TIME ZONE' : type,
      ]),
    ),
  );
  const times = ['occurred_at', 'retry_at', 'recorded_at'].map((name) => `epoch_ms(${name}) AS ${name}`);
  const rows = await query(
    `SELECT to_json(one)::VARCHAR AS event FROM (SELECT * REPLACE (${times.join(', ')})
       FROM read_parquet(${files}, hive_partitioning = false)) AS one`,
  );
  const events = rows.map(({ event }) => eventOf(JSON.parse(String(event))));
  assert.deepEqual(events.sort(byId), published.toSorted(byId));
  const [wrong] = await query(
    `SELECT count(*) AS rows FROM read_parquet(${files}, hive_types = {'day': VARCHAR})
     WHERE strftime(make_timestamp(epoch_us(recorded_at)), '%Y-%m-%d') <> day`,
  );
  assert.equal(Number(wrong?.['rows']), 0);
});

test('a day that is there is not touched, unless it is to be replaced', async (t) => {
  const folder = await newFolder(t);
  assert.equal((await run(['--out', `${folder}/`, '--status', 'READ'])).code, 0);
  const again = await run(['--out', `${folder}/`]);
  assert.equal(again.code, 73);
  assert.match(again.stderr, /is there already: --overwrite replaces/);
  const count = async () =>
    Number((await query(`SELECT count(*) AS n FROM '${folder}/*/*.parquet'`))[0]?.['n']);
  assert.equal(await count(), MESSAGES);
  assert.equal((await run(['--out', `${folder}/`, '--overwrite'])).code, 0);
  assert.equal(await count(), EVENTS);
  assert.ok((await readdir(folder)).every((name) => name.startsWith('day=')));
});

test('conditions hold together', async () => {
  const [first] = published;
  const { stdout } = await run(['--status', 'attempted,accepted', '--message-id', first?.message_id ?? '']);
  const statuses = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).status);
  assert.deepEqual(statuses, ['ATTEMPTED', 'ACCEPTED']);
});

test('--states gives each message once, as it stands; conditions hold for the state', async (t) => {
  const file = join(await newFolder(t), 'states.ndjson');
  const { code, stderr } = await run(['--states', '--lane', 'otp', '--out', file]);
  assert.equal(code, 0, stderr);
  const states = (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const expected = new Set(published.filter(({ lane }) => lane === 'otp').map((event) => event.message_id));
  assert.deepEqual(new Set(states.map((state) => state.message_id)), expected);
  assert.equal(states.length, expected.size);
  assert.ok(states.every((state) => state.status === 'READ' && state.lane === 'otp'));
  assert.match(stderr, new RegExp(`${expected.size} states of 1,000 events`));
});

test('send requests are told without personal data, unless that is asked for', async () => {
  const publisher = await createPublisher({
    kafka: cluster.kafka,
    registry: cluster.registry,
    topics: names,
    source: 'shop',
  });
  const template = { name: 'otp_login', langCode: 'id', bodyParams: ['123456'] };
  await publisher.send({ lane: 'otp', msisdn: '628001', template });
  await publisher.close();
  const plain = await run(['--topic', 'send']);
  assert.equal(plain.code, 0, plain.stderr);
  assert.doesNotMatch(plain.stdout, /628001|123456/);
  assert.equal(JSON.parse(plain.stdout).template_name, 'otp_login');
  const all = await run(['--topic', 'send', '--personal-data', '--lane', 'otp']);
  assert.equal(JSON.parse(all.stdout).msisdn, '628001');
});

test('interrupted, it ends with 130 and leaves nothing; what a killed run left is removed by the next one', async (t) => {
  const folder = await newFolder(t);
  const file = join(folder, 'events.ndjson');
  await writeFile(file, 'the one before');
  const begin = async () => {
    const child = startCommand('replay', ['--from', '1h', '--out', file], cluster.environment(bigNames));
    const ended = once(child, 'exit');
    while ((await readdir(folder)).length < 2 && child.exitCode === null)
      await new Promise((next) => setImmediate(next));
    return { child, ended };
  };
  const interrupted = await begin();
  interrupted.child.kill('SIGINT');
  assert.equal((await interrupted.ended)[0], 130);
  assert.deepEqual(await readdir(folder), [basename(file)]);
  const killed = await begin();
  killed.child.kill('SIGKILL');
  await killed.ended;
  assert.equal((await readdir(folder)).length, 2);
  assert.equal(await readFile(file, 'utf8'), 'the one before');
  assert.equal((await run(['--out', file, '--status', 'READ'])).code, 0);
  assert.deepEqual(await readdir(folder), [basename(file)]);
  assert.equal((await readFile(file, 'utf8')).trimEnd().split('\n').length, MESSAGES);
});

test('a reader of the pipe that goes away ends it quietly, with 141', async () => {
  const file = fileURLToPath(new URL('../../packages/cli/src/replay.ts', import.meta.url));
  const child = spawn(
    'sh',
    ['-c', '{ "$0" "$1" --from 1h; echo "code $?" >&2; } | head -n 1', process.execPath, file],
    {
      env: cluster.environment(bigNames),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let stderr = '';
  child.stderr.on('data', (bytes) => {
    stderr += bytes;
  });
  await once(child, 'close');
  assert.equal(stderr, 'the reader went away\ncode 141\n');
});

test('what is wrong with the command line is one error that names the choices', async () => {
  const faulty = await run(['--lane', 'fast', '--status', 'SEEN']);
  assert.equal(faulty.code, 64);
  assert.match(faulty.stderr, /SEEN is no status: there are ATTEMPTED.*\nfast is no lane: there are otp/);
});

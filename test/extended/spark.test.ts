/**
 * The same log twice: folded by the Spark job, from the topic and from Parquet files, and by what `npm run report` is
 * made with. Kafka, the registry and Spark are real; the events are written here in the services' place. Skipped
 * where there is no Python or Maven, but never with CI=true.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { exportEvents, figuresOf, writeStates } from '@whatsapp-stream/analytics';
import {
  createEncoder,
  newStatusEvent,
  ORIGIN_SYMBOLS,
  STATUS_SYMBOLS,
  type StatusEvent,
  subjectOf,
  type TopicNames,
} from '@whatsapp-stream/schemas';
import fc from 'fast-check';
import { type Commands, useCommands } from '../support/commands.ts';
import { findSpark, type Spark } from '../support/spark.ts';

const MESSAGES = 300;
const SEED = 7;
const LONG_AGO = 1_795_000_000_000;

const word = fc.constantFrom('a', 'B', '', 'constructor', `it's "q"`, '\u{ffee}', '😀');
const moment = fc.nat(100_000).map((ms) => LONG_AGO + ms);
/** Few values for everything, so that events often agree in some fields and differ in others. */
const anyEvent = fc.record({
  event_id: fc.constantFrom('e1', 'e2', 'e3'),
  knows: fc.constantFrom('message', 'both', 'session'),
  status: fc.constantFrom(...STATUS_SYMBOLS),
  provider_code: fc.option(fc.constant(3)),
  origin: fc.constantFrom(...ORIGIN_SYMBOLS),
  attempt: fc.nat(2),
  attempt_id: fc.option(word),
  occurred_at: moment,
  reason: fc.constantFrom(null, 'no answer within 10000 ms', '127.0.0.1:80 refused'),
  retry_at: fc.option(moment),
  charged: fc.constantFrom(null, true, false),
  lane: fc.constantFrom(null, 'otp', 'marketing'),
  source: fc.option(word),
  template_name: fc.option(word),
  verified: fc.boolean(),
  metadata: fc.dictionary(word, word, { maxKeys: 2, noNullPrototype: true }),
});
const drawn = fc.sample(fc.array(anyEvent, { minLength: 1, maxLength: 6 }), {
  numRuns: MESSAGES,
  seed: SEED,
});
const events: readonly StatusEvent[] = drawn.flatMap((list, id) =>
  list.map(({ knows, event_id, ...event }) =>
    newStatusEvent({
      ...event,
      event_id: `${id}-${event_id}`,
      message_id: knows === 'session' ? null : `m${id}`,
      session_id: knows === 'message' ? null : `s${id}`,
    }),
  ),
);

const NAME = 'the Spark job';
const found = await findSpark((line) => process.stderr.write(`${line}\n`));
if (found.ok) {
  const commands = await useCommands('spark');
  describe(NAME, { timeout: 400_000 }, () => testWith(found.spark, commands));
} else {
  test(NAME, { skip: found.reason });
}

function testWith(spark: Spark, commands: Commands): void {
  let folder: string;
  let names: TopicNames;
  let brokers: string;

  const inFolder = (name: string) => join(folder, name);

  async function publish(): Promise<void> {
    const encoder = await createEncoder(commands.registry, 'StatusEvent', subjectOf(names.status));
    const producer = await commands.kafka.producer();
    const junk = [Buffer.from('{}'), Buffer.from([0, 0x7f, 0, 0, 0, 1]), null];
    await producer.send([
      ...events.map((event) => ({
        topic: names.status,
        key: event.message_id ?? event.session_id,
        value: encoder.encode(event),
      })),
      ...junk.map((value) => ({ topic: names.status, key: 'junk', value })),
    ]);
    await producer.close();
  }

  async function runJob(
    args: readonly string[],
  ): Promise<{ readonly stdout: string; readonly stderr: string }> {
    const { code, stdout, stderr } = await spark.run(args);
    assert.equal(code, 0, stderr.slice(-3_000));
    return { stdout, stderr };
  }

  async function funnelIn(out: string): Promise<readonly unknown[]> {
    const files = (await readdir(join(out, 'funnel'))).filter((name) => name.endsWith('.json'));
    const texts = await Promise.all(files.map((name) => readFile(join(out, 'funnel', name), 'utf8')));
    const rows = texts.flatMap((text) => text.trim().split('\n')).map((line) => JSON.parse(line));
    return sorted(rows.map(({ charged: _, ...row }) => row));
  }

  /** Rows that are in one of the two, but not in the other. */
  async function differences(a: string, b: string): Promise<number> {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    try {
      const columns = "COLUMNS(c -> c NOT IN ('message_key', 'metadata')), map_entries(metadata)";
      const rowsOf = (files: string) => `SELECT ${columns} FROM read_parquet('${files}')`;
      const reader = await connection.runAndReadAll(
        `SELECT count(*) AS n FROM ((${rowsOf(a)} EXCEPT ALL ${rowsOf(b)}) UNION ALL (${rowsOf(b)} EXCEPT ALL ${rowsOf(a)}))`,
      );
      return Number(reader.getRowObjectsJS()[0]?.['n']);
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'whatsapp-stream-spark-'));
    names = await commands.ownTopics();
    brokers = String(commands.environment(names)['KAFKA_BROKERS']);
    await publish();
    const cluster = { brokers: brokers.split(','), registry: commands.registryUrl, topics: names };
    await exportEvents({ cluster, from: 0, format: 'parquet', out: inFolder('events') });
    await writeStates(inFolder('events'), inFolder('states.parquet'), { format: 'parquet' });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function expectSame(out: string): Promise<void> {
    const figures = await figuresOf(inFolder('events'), { afterMinutes: 60, asOfMs: Date.now() });
    const wanted = [{ dimension: null, value: null, ...figures.total }, ...figures.funnels];
    assert.ok(figures.total.requested > MESSAGES / 2 && figures.total.failed > 0);
    assert.deepEqual(await funnelIn(out), sorted(wanted));
    assert.equal(await differences(`${out}/states/*.parquet`, inFolder('states.parquet')), 0);
  }

  test('tells from the Parquet files of a replay what the report tells of them, and the same states', async () => {
    await runJob(['--parquet', inFolder('events'), '--from', '1d', '--out', inFolder('from-parquet')]);
    await expectSame(inFolder('from-parquet'));
  });

  test('tells the same from the topic, and names the places of what it cannot read', async () => {
    const from = ['--brokers', brokers, '--registry', commands.registryUrl, '--topic', names.status];
    const { stderr } = await runJob([...from, '--from', '1d', '--out', inFolder('from-topic')]);
    await expectSame(inFolder('from-topic'));
    assert.match(stderr, /^3 records could not be read/m);
    assert.match(stderr, /^ {2}partition \d+ offset \d+$/m);
  });

  test('an output that is there already, and a range that is none, are errors in a line', async () => {
    const there = await spark.run(['--parquet', inFolder('events'), '--out', folder]);
    assert.equal(there.code, 1);
    assert.match(there.stderr, /exists already: name another folder, or remove it\n$/);
    const wrong = await spark.run(['--parquet', folder, '--from', 'yesterday', '--out', inFolder('x')]);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /'yesterday' is no time: 90s, 5m, 12h, 7d ago/);
  });
}

function sorted(rows: readonly unknown[]): readonly unknown[] {
  const keyOf = (row: unknown) => JSON.stringify(row, Object.keys(row ?? {}).toSorted());
  return rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/**
 * Another language: the publisher and the subscriber of `examples/python`, which use Confluent's client and its
 * Avro serializers, at both ends of the whole system. Kafka, the registry and both services are real; Verihubs
 * is the simulator. Skipped where there is no Python, but never with CI=true.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { readStatus } from '@whatsapp-stream/client';
import type { KafkaRecord, RecordPosition, StartAt } from '@whatsapp-stream/kafka';
import { exampleFile, type Printed, runExample } from '../support/example.ts';
import { ensureEnvironment, findPython, type Python, runProgram } from '../support/python.ts';
import { useStack } from '../support/stack.ts';
import { type StackAddress, type System, startSystem } from '../support/system.ts';

/** In the order of their numbers in a batch. */
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const JOURNEY = ['ATTEMPTED', 'ACCEPTED', 'SENT', 'DELIVERED', 'READ'];
const LANES = ['otp', 'transactional', 'marketing'];
const WITHIN_MS = 60_000;

const example = (name: string) => exampleFile(`python/${name}.py`);

/** One for each codec, over all lanes. A batch that would not shrink is written as it is: hence the long note. */
const messages = CODECS.map((codec, i) => ({
  codec,
  lane: i % LANES.length,
  id: `python-${codec}-${randomBytes(6).toString('hex')}`,
  note: 'shrinks '.repeat(200),
  traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
}));

/** Writes text that no schema describes. */
const WRITE_TEXT = `
import sys
from confluent_kafka import Producer
brokers, topic, key, value = sys.argv[1:]
producer = Producer({"bootstrap.servers": brokers, "partitioner": "murmur2_random"})
producer.produce(topic, value, key, headers={"traceparent": "of-the-publisher"})
sys.exit(producer.flush(10))`;
const NO_AVRO = '{"message_id": "json", "msisdn": "628001"}';

const NAME = 'a publisher and a subscriber in Python';
const found = await findPython();
if (found.ok) {
  const stack = await useStack();
  describe(NAME, { timeout: 5 * WITHIN_MS }, () => testWith(found.python, stack));
} else {
  test(NAME, { skip: found.reason });
}

function testWith(python: Python, stack: StackAddress): void {
  let system: System;
  let interpreter: string;
  let receipts: readonly (RecordPosition & { readonly message_id: string })[];
  let events: readonly Printed[];

  const environment = () => ({ ...process.env, ...system.env });
  const brokers = () => String(system.env['KAFKA_BROKERS']);
  const topicOf = (lane: number) => String(system.names.lanes[lane]);
  const eventsOf = (id: string) => events.filter((event) => event['message_id'] === id);
  const isRead = (id: string, among: readonly Printed[]) =>
    among.some((event) => event['message_id'] === id && event['status'] === 'READ');

  async function runPython(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await runProgram(interpreter, args, environment());
    assert.equal(code, 0, stderr);
    return stdout;
  }

  async function publish({ codec, lane, id, note, traceparent }: (typeof messages)[number]) {
    const what = ['--msisdn', '628001', '--template', 'otp_login', '--body', '123456', '--message-id', id];
    const about = ['--source', 'shop', '--meta', `note=${note}`, '--meta', 'order=a=7'];
    const how = ['--topic', topicOf(lane), '--traceparent', traceparent, '--compression', codec];
    return JSON.parse(await runPython(example('publish'), ...what, ...about, ...how));
  }

  /** Runs the subscriber until it ends by itself, or until it printed enough; then as a deployment ends it. */
  async function subscribe(args: readonly string[], isEnough: (printed: readonly Printed[]) => boolean) {
    const all = [example('subscribe'), ...args];
    const ended = await runExample({
      program: interpreter,
      args: all,
      env: environment(),
      isEnough,
    });
    assert.equal(ended.code, 0, ended.stderr);
    return ended;
  }

  /** The first record that is asked for. */
  async function find(topic: string, from: StartAt, isWanted: (record: KafkaRecord) => boolean) {
    const found = Promise.withResolvers<KafkaRecord>();
    const reader = await system.kafka.readTopic(topic, from, {
      records(records) {
        const wanted = records.find(isWanted);
        if (wanted) found.resolve(wanted);
      },
      failed: found.reject,
    });
    return found.promise.finally(() => reader.close());
  }

  before(async () => {
    const report = (line: string) => process.stderr.write(`${line}\n`);
    [system, interpreter] = await Promise.all([startSystem(stack), ensureEnvironment(python, report)]);
    await system.startSender();
    // Before the journey that has its partition, so that whoever read that one has met it.
    await runPython('-c', WRITE_TEXT, brokers(), system.names.status, String(messages[0]?.id), NO_AVRO);
    receipts = await Promise.all(messages.map(publish));
  });
  after(() => system?.stop());

  test('every codec is read by the sender, and every journey by the subscriber, past what is no event', async () => {
    const isEnough = (printed: readonly Printed[]) => messages.every(({ id }) => isRead(id, printed));
    const { printed, stderr } = await subscribe(['--group', `${system.names.status}-all`], isEnough);
    events = printed;
    for (const { id } of messages) {
      assert.deepEqual(new Set(eventsOf(id).map(({ status }) => status)), new Set(JOURNEY));
    }
    assert.match(stderr, /^skipped partition \d+ offset \d+: /);
    for (const [i, { codec }] of messages.entries()) {
      const receipt = receipts[i];
      assert.ok(receipt);
      assert.equal(await codecAt(brokers(), receipt), codec);
    }
  });

  test('the events say in Python what the contract says', () => {
    for (const { id, lane, note } of messages) {
      const of = new Map(eventsOf(id).map((event) => [event['status'], event]));
      const copied = { lane: LANES[lane], source: 'shop', template_name: 'otp_login', attempt: 1 };
      const sender = { ...copied, origin: 'SENDER', metadata: { note, order: 'a=7' }, charged: null };
      assert.partialDeepStrictEqual(of.get('ATTEMPTED'), { ...sender, http_status: null });
      assert.partialDeepStrictEqual(of.get('ACCEPTED'), { ...sender, http_status: 201 });
      const read = { origin: 'CALLBACK', provider_code: 3, charged: true, verified: true, attempt: 1 };
      assert.partialDeepStrictEqual(of.get('READ'), {
        ...read,
        session_id: of.get('ACCEPTED')?.['session_id'],
      });
      assert.match(String(of.get('READ')?.['occurred_at']), /^\d{4}-\d\d-\d\dT.*\+00:00$/);
    }
  });

  test('a key has the same partition whether Python or we write it', async () => {
    const [admin, producer] = await Promise.all([system.kafka.admin(), system.kafka.producer()]);
    const lane = await admin.describeTopic(topicOf(0));
    const topic = `${topicOf(0)}.keys`;
    await admin.createTopic({ topic, partitions: lane?.partitions ?? 0, replicationFactor: 1, config: {} });
    const ours = await producer.send(messages.map(({ id }) => ({ topic, key: id, value: null })));
    await Promise.all([admin.close(), producer.close()]);
    assert.deepEqual(
      ours.map(({ partition }) => partition),
      receipts.map(({ partition }) => partition),
    );
  });

  test("the publisher's trace comes back on every status event", async () => {
    const traces = new Map<string | null, Set<string | undefined>>();
    const reading = await readStatus({
      kafka: system.kafka,
      registry: system.registry,
      topic: system.names.status,
      from: 'beginning',
      onEvent({ message_id }, { headers }) {
        traces.set(message_id, (traces.get(message_id) ?? new Set()).add(headers['traceparent']));
      },
    });
    await reading.caughtUp();
    await reading.close();
    assert.deepEqual(traces, new Map(messages.map(({ id, traceparent }) => [id, new Set([traceparent])])));
  });

  test('the subscriber stops after --count events of a --message-id; its group goes on from there', async () => {
    const id = String(messages[0]?.id);
    const args = ['--group', `${system.names.status}-count`, '--message-id', id, '--count'];
    const first = await subscribe([...args, '2'], () => false);
    const rest = await subscribe([...args, String(eventsOf(id).length - 2)], () => false);
    assert.deepEqual([...first.printed, ...rest.printed], eventsOf(id));
  });

  test('what is no Avro lands among the dead letters, with the place where it stood', async () => {
    const topic = topicOf(2);
    await runPython('-c', WRITE_TEXT, brokers(), topic, 'no-avro', NO_AVRO);
    const letter = await find(system.names.deadLetter, 'beginning', ({ key }) => String(key) === 'no-avro');
    const { dlq_partition, dlq_offset, dlq_timestamp, dlq_reason_text, ...headers } = letter.headers;
    assert.equal(String(letter.value), NO_AVRO);
    assert.deepEqual(headers, {
      traceparent: 'of-the-publisher',
      dlq_topic: topic,
      dlq_reason: 'NOT_CONFLUENT',
    });
    assert.ok(dlq_reason_text && !dlq_reason_text.includes('628001'));
    const [partition, offset] = [Number(dlq_partition), Number(dlq_offset)];
    const isOriginal = (record: KafkaRecord) => record.partition === partition && record.offset === offset;
    const original = await find(topic, 'beginning', isOriginal);
    assert.deepEqual([String(original.key), String(original.value)], ['no-avro', NO_AVRO]);
    assert.equal(dlq_timestamp, String(original.timestamp));
  });

  test('a subject that nobody registered is an error, and nothing is registered or published', async () => {
    const topic = `${topicOf(0)}.unknown`;
    const args = [example('publish'), '--topic', topic, '--msisdn', '628001', '--template', 'otp_login'];
    const { code, stdout, stderr } = await runProgram(interpreter, args, environment());
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /SchemaRegistryError: .*404/);
    const admin = await system.kafka.admin();
    assert.equal(await admin.describeTopic(topic), null);
    await admin.close();
  });
}

/**
 * The codec of the batch that holds a record, from bits 0 to 2 of its attributes. Clients hide it, so this asks
 * a broker itself: Fetch version 4 and the record batch of https://kafka.apache.org/protocol
 */
async function codecAt(brokers: string, { topic, partition, offset }: RecordPosition) {
  const int = (bytes: 1 | 2 | 4, value: number) => {
    const buffer = Buffer.alloc(bytes);
    buffer.writeIntBE(value, 0, bytes);
    return buffer;
  };
  const string = (value: string) => [int(2, Buffer.byteLength(value)), Buffer.from(value)];
  const header = [int(2, 1), int(2, 4), int(4, 1), ...string('test')];
  const limits = [int(4, -1), int(4, 1_000), int(4, 1), int(4, 1_048_576), int(1, 0)];
  const from = [int(4, partition), int(4, Math.floor(offset / 2 ** 32)), int(4, offset % 2 ** 32)];
  const wanted = [int(4, 1), ...string(topic), int(4, 1), ...from, int(4, 1_048_576)];
  const request = Buffer.concat([...header, ...limits, ...wanted]);
  for (const broker of brokers.split(',')) {
    const { hostname, port } = new URL(`tcp://${broker}`);
    const socket = connect(Number(port), hostname);
    socket.write(Buffer.concat([int(4, request.length), request]));
    let answer = Buffer.alloc(0);
    for await (const chunk of socket) {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length >= 4 && answer.length >= 4 + answer.readInt32BE(0)) break;
    }
    const error = answer.readInt16BE(26 + Buffer.byteLength(topic));
    const batch = 52 + Buffer.byteLength(topic);
    if (error === 0) return CODECS[answer.readInt16BE(batch + 21) & 7];
  }
  return undefined;
}

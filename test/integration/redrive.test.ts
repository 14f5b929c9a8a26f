/**
 * `npm run redrive` as a child process against a real Kafka and a real registry. No sender runs: its dead letters,
 * status events and commits are written here in its place.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { createPublisher, type NewMessage, type Receipt } from '@whatsapp-stream/client';
import { type Headers, type KafkaRecord, type NewRecord, withAdmin } from '@whatsapp-stream/kafka';
import {
  createEncoder,
  type NewStatusEvent,
  newSendRequest,
  newStatusEvent,
  newTemplate,
  type SendRequest,
  STATUSES,
  type Status,
  subjectOf,
  type TopicNames,
} from '@whatsapp-stream/schemas';
import { groupOf, runCommand, startCommand, useCommands } from '../support/commands.ts';
import { commitAll } from '../support/commits.ts';
import { until } from '../support/until.ts';

const { kafka, registry, ownTopics, environment } = await useCommands('redrive');
const TEMPLATE = newTemplate({ name: 't', lang_code: 'id' });
const SECRETS = /628001/;

async function redrive(names: TopicNames, ...args: readonly string[]) {
  const ended = await runCommand('redrive', ['--from', '1h', '--json', ...args], environment(names));
  assert.equal(ended.code, 0, ended.stderr);
  assert.doesNotMatch(ended.stdout + ended.stderr, SECRETS);
  const { redriven, left_out: leftOut, ...rest } = JSON.parse(ended.stdout);
  return { redriven, leftOut, rest, stderr: ended.stderr };
}

async function write(records: readonly NewRecord[]): Promise<void> {
  const producer = await kafka.producer();
  await producer.send(records);
  await producer.close();
}

/** Everything that a lane holds. */
async function recordsOf(topic: string): Promise<readonly KafkaRecord[]> {
  const ends = await withAdmin(kafka, (admin) => admin.offsets(topic));
  const total = [...ends.values()].reduce((sum, { low, high }) => sum + high - low, 0);
  const records: KafkaRecord[] = [];
  if (total === 0) return records;
  const all = Promise.withResolvers<void>();
  const reader = await kafka.readTopic(topic, 'beginning', {
    records(some) {
      records.push(...some);
      if (records.length >= total) all.resolve();
    },
    failed: all.reject,
  });
  await all.promise;
  await reader.close();
  return records;
}

const otpOf = (names: TopicNames): string => names.lanes[0] ?? '';

async function publish(names: TopicNames, some: readonly NewMessage[]): Promise<readonly Receipt[]> {
  // Its clock is far behind, so that it publishes what expires at once.
  const publisher = await createPublisher({ kafka, registry, topics: names, source: 'shop', now: () => 0 });
  const receipts = await publisher.sendMany(some);
  await publisher.close();
  return receipts;
}

const message = (id: string, more: Partial<NewMessage> = {}): NewMessage => ({
  lane: 'otp',
  messageId: id,
  msisdn: '628001',
  template: { name: 't', langCode: 'id' },
  requestedAt: Date.now(),
  ...more,
});

interface Told extends Partial<NewStatusEvent> {
  readonly message_id: string;
  readonly status: Status;
  readonly headers?: Headers;
}

async function tell(names: TopicNames, events: readonly Told[]): Promise<void> {
  const encoder = await createEncoder(registry, 'StatusEvent', subjectOf(names.status));
  await write(
    events.map(({ headers = {}, ...event }) => ({
      topic: names.status,
      key: event.message_id,
      headers,
      value: encoder.encode(
        newStatusEvent({
          event_id: `${event.message_id} ${event.status}`,
          origin: STATUSES[event.status].origin,
          occurred_at: Date.now(),
          attempt: 2,
          attempt_id: '2.p',
          ...event,
        }),
      ),
    })),
  );
}

const sentFrom = ({ topic, partition, offset }: Omit<Receipt, 'messageId'>): Headers => ({
  send_topic: topic,
  send_partition: String(partition),
  send_offset: String(offset),
});

/** A dead letter as the sender writes it. @param offset where it stood in the otp lane */
function deadLetter(
  names: TopicNames,
  offset: number,
  key: string,
  value: Buffer,
  reason = 'UNKNOWN_SCHEMA',
) {
  const origin = { dlq_topic: otpOf(names), dlq_partition: '0', dlq_offset: String(offset) };
  const headers = {
    traceparent: 't',
    ...origin,
    dlq_timestamp: '1',
    dlq_reason: reason,
    dlq_reason_text: '',
  };
  return { topic: names.deadLetter, key, value, headers };
}

async function encoderOf(names: TopicNames) {
  const encoder = await createEncoder(registry, 'SendRequest', subjectOf(otpOf(names)));
  return (id: string, more: Partial<SendRequest> = {}) => {
    const request = { message_id: id, msisdn: '628001', template: TEMPLATE, requested_at: 1, source: 'shop' };
    return encoder.encode(newSendRequest({ ...request, ...more }));
  };
}

test('a dead letter that can be read now is published again, as it was, and once', async () => {
  const names = await ownTopics();
  const encode = await encoderOf(names);
  const good = encode('good');
  await write([
    deadLetter(names, 1, 'good', good),
    deadLetter(names, 1, 'good', good),
    deadLetter(names, 2, 'late', encode('late', { expires_at: Date.now() })),
    deadLetter(names, 3, 'poison', Buffer.from('nonsense 628001'), 'NOT_CONFLUENT'),
    deadLetter(names, 4, 'done', encode('done')),
    { topic: names.deadLetter, key: 'strange', value: good },
  ]);
  await tell(names, [{ message_id: 'done', status: 'REFUSED', attempt: 0, attempt_id: null }]);
  const leftOut = { expired: 1, undecodable: 1, settled: 1, laneless: 1 };

  const dry = await redrive(names, '--dry-run');
  assert.deepEqual([dry.redriven, dry.leftOut], [1, leftOut]);
  assert.deepEqual(await recordsOf(otpOf(names)), []);

  const first = await redrive(names);
  assert.deepEqual([first.redriven, first.leftOut], [1, leftOut]);
  const [record, ...more] = await recordsOf(otpOf(names));
  assert.equal(more.length, 0);
  assert.equal(String(record?.key), 'good');
  assert.deepEqual(record?.value, good);
  const { redrive_of: of, ...headers } = record?.headers ?? {};
  assert.match(of ?? '', /^[\w-]{22}$/);
  assert.deepEqual(headers, { traceparent: 't', redrive_attempts: '0' });

  const second = await redrive(names);
  assert.deepEqual([second.redriven, second.leftOut], [0, { ...leftOut, redriven: 1 }]);
});

test('reasons choose; what cannot be read is published only where that is said', async () => {
  const names = await ownTopics();
  const encode = await encoderOf(names);
  await write([
    deadLetter(names, 1, 'a', encode('a')),
    deadLetter(names, 2, 'b', Buffer.from('nonsense'), 'NOT_CONFLUENT'),
  ]);
  const chosen = await redrive(names, '--reason', 'NOT_CONFLUENT');
  assert.deepEqual([chosen.redriven, chosen.leftOut], [0, { undecodable: 1 }]);
  const all = await redrive(names, '--undecodable');
  assert.deepEqual([all.redriven, all.rest.lanes], [2, { otp: 2 }]);
});

test('a dead letter whose redrive was put aside again is not redriven once more; its new self is', async () => {
  const names = await ownTopics();
  const encode = await encoderOf(names);
  await write([deadLetter(names, 1, 'a', encode('a'))]);
  assert.equal((await redrive(names)).redriven, 1);
  const [again] = await recordsOf(otpOf(names));
  assert.ok(again);
  const putAside = deadLetter(names, 9, 'a', encode('a'));
  await write([{ ...putAside, headers: { ...again.headers, ...putAside.headers } }]);
  await commitAll(kafka, groupOf(names), names.lanes);
  const { redriven, leftOut } = await redrive(names);
  assert.deepEqual([redriven, leftOut], [1, { redriven: 1 }]);
});

test('messages that ended so are redriven from their lane; the others are left out, each with its reason', async () => {
  const names = await ownTopics();
  const ids = ['gave-up', 'rejected', 'accepted', 'doubtful', 'late', 'other'];
  const receipts = await publish(
    names,
    ids.map((id) => message(id, id === 'late' ? { expiresAt: Date.now() } : {})),
  );
  await commitAll(kafka, groupOf(names), names.lanes);
  const placeOf = (id: string) => {
    const receipt = receipts.find(({ messageId }) => messageId === id);
    assert.ok(receipt);
    return sentFrom(receipt);
  };
  const gone = { send_topic: otpOf(names), send_partition: '0', send_offset: '9000' };
  await tell(names, [
    { message_id: 'gave-up', status: 'GAVE_UP', headers: placeOf('gave-up') },
    { message_id: 'rejected', status: 'ACCEPTED', headers: placeOf('rejected') },
    { message_id: 'rejected', status: 'REJECTED', event_id: 'the-callback' },
    {
      message_id: 'accepted',
      status: 'ACCEPTED',
      attempt: 1,
      attempt_id: '1.p',
      headers: placeOf('accepted'),
    },
    { message_id: 'accepted', status: 'GAVE_UP', headers: placeOf('accepted') },
    { message_id: 'doubtful', status: 'IN_DOUBT', headers: placeOf('doubtful') },
    { message_id: 'late', status: 'GAVE_UP', headers: placeOf('late') },
    { message_id: 'other', status: 'REFUSED', headers: placeOf('other') },
    { message_id: 'deleted', status: 'GAVE_UP', headers: gone },
    { message_id: 'nowhere', status: 'FAILED' },
    { message_id: 'before', status: 'GAVE_UP', occurred_at: Date.now() - 7_200_000 },
  ]);
  const statuses = ['--status', 'GAVE_UP,REJECTED,FAILED'];
  const { redriven, leftOut, stderr } = await redrive(names, ...statuses);
  assert.deepEqual([redriven, leftOut], [2, { taken: 1, expired: 1, gone: 1, placeless: 1 }]);
  assert.doesNotMatch(stderr, /Attention/);
  const answers = (await recordsOf(otpOf(names)))
    .filter(({ headers }) => headers['redrive_of'] !== undefined)
    .map(({ key, headers }) => [String(key), headers['redrive_of'], headers['redrive_attempts']])
    .sort();
  assert.deepEqual(answers, [
    ['gave-up', 'gave-up GAVE_UP', '2'],
    ['rejected', 'the-callback', '2'],
  ]);

  const doubtful = await redrive(names, '--status', 'IN_DOUBT');
  assert.equal(doubtful.redriven, 1);
  assert.match(doubtful.stderr, /Attention: .* may get it twice/);
});

test('a redrive that the sender has dealt with is known by its events, and its own end can be answered', async () => {
  const names = await ownTopics();
  const [receipt] = await publish(names, [message('m')]);
  assert.ok(receipt);
  await tell(names, [{ message_id: 'm', status: 'GAVE_UP', event_id: 'e', headers: sentFrom(receipt) }]);
  assert.equal((await redrive(names, '--status', 'GAVE_UP')).redriven, 1);
  await commitAll(kafka, groupOf(names), names.lanes);
  await tell(names, [{ message_id: 'm', status: 'ATTEMPTED', headers: { redrive_of: 'e' } }]);
  const second = await redrive(names, '--status', 'GAVE_UP');
  assert.deepEqual([second.redriven, second.leftOut], [0, { redriven: 1 }]);

  const place = { ...sentFrom({ ...receipt, offset: receipt.offset + 1 }), redrive_of: 'e' };
  const end = { message_id: 'm', status: 'GAVE_UP', event_id: 'e-2', attempt: 3, attempt_id: '3.p' } as const;
  await tell(names, [{ ...end, headers: place }]);
  assert.equal((await redrive(names, '--status', 'GAVE_UP')).redriven, 1);
  const last = (await recordsOf(otpOf(names))).at(-1);
  assert.deepEqual([last?.headers['redrive_of'], last?.headers['redrive_attempts']], ['e-2', '3']);
});

test('source, template, lane, message and limit narrow it', async () => {
  const names = await ownTopics();
  const receipts = await publish(names, [
    message('a', { source: 'shop' }),
    message('b', { source: 'news' }),
    message('c', { source: 'news', lane: 'marketing' }),
    message('d', { source: 'news', template: { name: 'u', langCode: 'id' } }),
  ]);
  // What the events leave open is decided by the requests themselves.
  await tell(
    names,
    receipts.map((receipt) => ({
      message_id: receipt.messageId,
      status: 'GAVE_UP',
      headers: sentFrom(receipt),
    })),
  );
  const count = async (...args: readonly string[]) =>
    (await redrive(names, '--status', 'GAVE_UP', '--dry-run', ...args)).redriven;
  assert.equal(await count(), 4);
  assert.equal(await count('--source', 'news'), 3);
  assert.equal(await count('--source', 'news', '--lane', 'otp', '--template', 't'), 1);
  assert.equal(await count('--message-id', 'd'), 1);
  assert.equal(await count('--limit', '3'), 3);
});

test('a run that is interrupted is gone on with by the next one, and nothing is doubled', async () => {
  const names = await ownTopics();
  const total = 20_000;
  const receipts = await publish(
    names,
    Array.from({ length: total }, (_, i) => message(`m-${i}`)),
  );
  await commitAll(kafka, groupOf(names), names.lanes);
  for (let i = 0; i < total; i += 2_000) {
    const some = receipts.slice(i, i + 2_000);
    await tell(
      names,
      some.map((one) => ({ message_id: one.messageId, status: 'GAVE_UP', headers: sentFrom(one) })),
    );
  }
  const length = async () =>
    withAdmin(kafka, async (admin) =>
      [...(await admin.offsets(otpOf(names))).values()].reduce((sum, { high }) => sum + high, 0),
    );
  const args = ['--from', '1h', '--status', 'GAVE_UP'];
  const child = startCommand('redrive', args, environment(names));
  const told = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  await until('the first batch is published', async () => (await length()) > total);
  child.kill('SIGINT');
  const [stdout, stderr, [code]] = await told;
  assert.equal(code, 130, stderr);
  assert.match(stderr, /interrupted\. Run it again/);
  const done = Number(/^redriven +([\d,]+)$/m.exec(stdout)?.[1]?.replaceAll(',', ''));
  assert.equal(await length(), total + done);
  assert.ok(done > 0 && done < total, stdout);

  const { redriven, leftOut } = await redrive(names, '--status', 'GAVE_UP');
  assert.deepEqual([redriven, leftOut], [total - done, { redriven: done }]);
  const answered = (await recordsOf(otpOf(names))).flatMap(({ headers }) => headers['redrive_of'] ?? []);
  assert.deepEqual([answered.length, new Set(answered).size], [total, total]);
});

test('a wrong command line does nothing and says so', async () => {
  const names = await ownTopics();
  const env = environment(names);
  const noTime = await runCommand('redrive', [], env);
  assert.deepEqual([noTime.code, noTime.stdout], [64, '']);
  assert.match(noTime.stderr, /--from/);
  const wrong = await runCommand('redrive', ['--from', '1h', '--lane', 'bulk', '--status', 'EXPIRED'], env);
  assert.equal(wrong.code, 64);
  assert.match(wrong.stderr, /EXPIRED cannot be redriven/);
  assert.match(wrong.stderr, /bulk is no lane: there are otp, transactional, marketing/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createAppender } from './appender.ts';
import { KafkaWriteError, type NewRecord, type RecordPosition } from './port.ts';

const record = (key: string, valueBytes = 1): NewRecord => ({
  topic: 't',
  key,
  value: Buffer.alloc(valueBytes),
});

interface Request {
  readonly keys: readonly string[];
  acknowledge(): void;
  refuse(error: Error): void;
}

/** A producer whose requests are answered by the test; offsets count up in the order of the requests. */
function heldProducer() {
  const requests: Request[] = [];
  let offset = 0;
  return {
    requests,
    send(records: readonly NewRecord[]): Promise<readonly RecordPosition[]> {
      const { promise, resolve, reject } = Promise.withResolvers<readonly RecordPosition[]>();
      const positions = records.map(({ topic }) => ({ topic, partition: 0, offset: offset++ }));
      requests.push({
        keys: records.map(({ key }) => String(key)),
        acknowledge: () => resolve(positions),
        refuse: reject,
      });
      return promise;
    },
  };
}

test('what is appended in one turn goes as one request, in order, and each learns its position', async () => {
  const producer = heldProducer();
  const appender = createAppender(producer);
  const appended = Promise.all(['a', 'b', 'c'].map((key) => appender.append(record(key))));
  await nextTurn();
  assert.deepEqual(
    producer.requests.map(({ keys }) => keys),
    [['a', 'b', 'c']],
  );
  producer.requests[0]?.acknowledge();
  assert.deepEqual(
    (await appended).map(({ offset }) => offset),
    [0, 1, 2],
  );
});

test('no more requests are under way than allowed; what comes meanwhile makes the next one', async () => {
  const producer = heldProducer();
  const appender = createAppender(producer, { maxInFlight: 2 });
  const appended: Promise<RecordPosition>[] = [];
  for (const key of ['a', 'b', 'c', 'd']) {
    appended.push(appender.append(record(key)));
    await nextTurn();
  }
  assert.deepEqual(
    producer.requests.map(({ keys }) => keys),
    [['a'], ['b']],
  );
  producer.requests[1]?.acknowledge();
  await appended[1];
  await nextTurn();
  assert.deepEqual(producer.requests[2]?.keys, ['c', 'd']);
  for (const { acknowledge } of producer.requests) acknowledge();
  assert.deepEqual(
    (await Promise.all(appended)).map(({ offset }) => offset),
    [0, 1, 2, 3],
  );
});

test('a request holds no more records and bytes than allowed; a larger record goes alone', async () => {
  const producer = heldProducer();
  const options = { maxBatchRecords: 3, maxBatchBytes: 10, maxInFlight: 9 };
  const appender = createAppender(producer, options);
  const sizes: readonly (readonly [string, number])[] = [
    ...['a', 'b', 'c', 'd'].map((key) => [key, 1] as const),
    ['e', 9],
    ['f', 50],
    ['g', 1],
  ];
  const appended = Promise.all(sizes.map(([key, bytes]) => appender.append(record(key, bytes))));
  await nextTurn();
  assert.deepEqual(
    producer.requests.map(({ keys }) => keys),
    [['a', 'b', 'c'], ['d'], ['e'], ['f'], ['g']],
  );
  for (const { acknowledge } of producer.requests) acknowledge();
  await appended;
});

test('headers count as bytes', async () => {
  const producer = heldProducer();
  const appender = createAppender(producer, { maxBatchBytes: 10 });
  const headers = { traceparent: '0123456789', absent: undefined };
  const appended = Promise.all(['a', 'b'].map((key) => appender.append({ ...record(key), headers })));
  await nextTurn();
  assert.equal(producer.requests.length, 2);
  for (const { acknowledge } of producer.requests) acknowledge();
  await appended;
});

test('a failure rejects exactly the records of its request, and the next ones go on', async () => {
  const producer = heldProducer();
  const appender = createAppender(producer, { maxBatchRecords: 2, maxInFlight: 1 });
  const appended = ['a', 'b', 'c', 'd'].map((key) => appender.append(record(key)));
  const settled = Promise.allSettled(appended);
  await nextTurn();
  producer.requests[0]?.refuse(new Error('no broker'));
  await assert.rejects(appended[1] ?? Promise.resolve(), /no broker/);
  await nextTurn();
  producer.requests[1]?.acknowledge();
  assert.deepEqual(
    (await settled).map(({ status }) => status),
    ['rejected', 'rejected', 'fulfilled', 'fulfilled'],
  );
});

const tooLarge = () => new KafkaWriteError('too large', { tooLarge: true });

/** Answers the newest request, and gives back the keys of the one that follows from it. */
async function answer(
  requests: readonly Request[],
  how: (request: Request) => void,
): Promise<readonly string[] | undefined> {
  const count = requests.length;
  const newest = requests[count - 1];
  assert.ok(newest);
  how(newest);
  await nextTurn();
  return requests[count]?.keys;
}
const acknowledge = (request: Request) => request.acknowledge();

test('the records of a batch that is too large are written one by one, and only the large one is rejected', async () => {
  const { requests, ...producer } = heldProducer();
  const appender = createAppender(producer, { maxInFlight: 1 });
  const settled = Promise.allSettled(['a', 'b', 'c'].map((key) => appender.append(record(key))));
  await nextTurn();
  const later = appender.append(record('later'));
  assert.deepEqual(await answer(requests, (request) => request.refuse(tooLarge())), ['a']);
  assert.deepEqual(await answer(requests, acknowledge), ['b']);
  assert.deepEqual(await answer(requests, (request) => request.refuse(tooLarge())), ['c']);
  assert.deepEqual(await answer(requests, acknowledge), ['later']);
  assert.equal(await answer(requests, acknowledge), undefined);
  assert.deepEqual(
    (await settled).map((one) => (one.status === 'fulfilled' ? one.value.offset : one.reason.tooLarge)),
    [3, true, 5],
  );
  assert.equal((await later).offset, 6);
  await appender.drained();
});

test('other trouble while records are written one by one rejects the rest with it', async () => {
  const { requests, ...producer } = heldProducer();
  const appender = createAppender(producer);
  const settled = Promise.allSettled(['a', 'b', 'c'].map((key) => appender.append(record(key))));
  await nextTurn();
  assert.deepEqual(await answer(requests, (request) => request.refuse(tooLarge())), ['a']);
  assert.deepEqual(await answer(requests, acknowledge), ['b']);
  const trouble = new KafkaWriteError('no broker');
  assert.equal(await answer(requests, (request) => request.refuse(trouble)), undefined);
  assert.deepEqual(
    (await settled).map((one) => (one.status === 'fulfilled' ? one.value.offset : one.reason)),
    [3, trouble, trouble],
  );
});

test('a record that was too large alone is not tried again', async () => {
  const { requests, ...producer } = heldProducer();
  const appender = createAppender(producer);
  const rejected = assert.rejects(appender.append(record('a')), { tooLarge: true });
  await nextTurn();
  assert.equal(await answer(requests, (request) => request.refuse(tooLarge())), undefined);
  await rejected;
});

test('drained resolves at once when idle, else once nothing waits or is under way, failures included', async () => {
  const producer = heldProducer();
  const appender = createAppender(producer, { maxBatchRecords: 1, maxInFlight: 1 });
  await appender.drained();
  const settled = Promise.allSettled(['a', 'b'].map((key) => appender.append(record(key))));
  let isDrained = false;
  const drained = appender.drained().then(() => {
    isDrained = true;
  });
  await nextTurn();
  producer.requests[0]?.refuse(new Error('no broker'));
  await nextTurn();
  assert.equal(isDrained, false);
  producer.requests[1]?.acknowledge();
  await settled;
  await drained;
});

test('a topic that cannot be written takes nothing of another one with it, nor its place', async () => {
  const producer = heldProducer();
  const appender = createAppender(producer, { maxInFlight: 1 });
  const lost = appender.append({ ...record('dead'), topic: 'dlq' });
  const written = appender.append(record('alive'));
  await nextTurn();
  assert.deepEqual(
    producer.requests.map(({ keys }) => keys),
    [['dead'], ['alive']],
  );
  producer.requests[1]?.acknowledge();
  assert.equal((await written).topic, 't');
  producer.requests[0]?.refuse(new KafkaWriteError('not authorized'));
  await assert.rejects(lost, KafkaWriteError);
  await appender.drained();
});

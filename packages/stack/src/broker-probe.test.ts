import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { brokerServes, parseMetadata } from './broker-probe.ts';

const int16 = (value: number) => Buffer.from([(value >> 8) & 255, value & 255]);
const int32 = (value: number) => Buffer.concat([int16(value >> 16), int16(value)]);
const string = (text: string) => Buffer.concat([int16(Buffer.byteLength(text)), Buffer.from(text)]);

/** A Metadata answer of one broker without a rack, or of none. */
function metadata(clusterId: string, brokers: number): Buffer {
  const broker = Buffer.concat([int32(1), string('127.0.0.1'), int32(9092), int16(-1)]);
  return Buffer.concat([
    int32(1),
    int32(brokers),
    ...Array.from({ length: brokers }, () => broker),
    string(clusterId),
    int32(1),
    int32(0),
  ]);
}

/** A server that answers whatever it is asked with these bytes, in two pieces. */
async function serving(t: TestContext, answer: Buffer): Promise<{ host: string; port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write(answer.subarray(0, 6));
      setImmediate(() => socket.write(answer.subarray(6)));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return { host: '127.0.0.1', port: address.port };
}

const framed = (answer: Buffer) => Buffer.concat([int32(answer.length), answer]);

test('brokers and cluster are read from a Metadata answer', () => {
  assert.deepEqual(parseMetadata(metadata('ours', 2)), { brokerCount: 2, clusterId: 'ours' });
});

test('a broker of our cluster serves', async (t) => {
  assert.equal(await brokerServes(await serving(t, framed(metadata('ours', 1))), 'ours'), true);
});

test('a broker of another cluster on our port is not ours', async (t) => {
  assert.equal(await brokerServes(await serving(t, framed(metadata('theirs', 1))), 'ours'), false);
});

test('a broker that does not list itself yet does not serve', async (t) => {
  assert.equal(await brokerServes(await serving(t, framed(metadata('ours', 0))), 'ours'), false);
});

test('garbage, silence and a closed port do not serve', async (t) => {
  assert.equal(await brokerServes(await serving(t, framed(Buffer.from('oops'))), 'ours'), false);
  assert.equal(await brokerServes(await serving(t, Buffer.alloc(0)), 'ours', 50), false);
  assert.equal(await brokerServes({ host: '127.0.0.1', port: 1 }, 'ours'), false);
});

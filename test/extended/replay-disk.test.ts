/** `npm run replay` on a disk that is too small. It needs the right to mount. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createEncoder, subjectOf } from '@whatsapp-stream/schemas';
import { journey } from '../bench/replay/journeys.ts';
import { runCommand, useCommands } from '../support/commands.ts';
import { mountSmallDisk } from '../support/small-disk.ts';

const cluster = await useCommands('replay-disk');
const DISK_BYTES = 1_000_000;
const MESSAGES = 2_000;
const TIMES = 5;

test('a full disk ends a replay with 74 and leaves nothing, in all formats', async (t) => {
  const mounted = mountSmallDisk(DISK_BYTES);
  if (!mounted.ok) {
    t.skip(mounted.reason);
    return;
  }
  const names = await cluster.ownTopics();
  const encoder = await createEncoder(cluster.registry, 'StatusEvent', subjectOf(names.status));
  const producer = await cluster.kafka.producer();
  for (let i = 0; i < TIMES; i++) {
    const events = Array.from({ length: MESSAGES }, (_, j) => journey(j, Date.now(), 'test')).flat();
    await producer.send(
      events.map((event) => ({ topic: names.status, key: event.message_id, value: encoder.encode(event) })),
    );
  }
  await producer.close();
  const { folder } = mounted.disk;
  for (const args of [['events.ndjson'], ['events.csv'], ['days/'], ['states.csv', '--states']]) {
    const [out = '', ...others] = args;
    const { code, stderr } = await runCommand(
      'replay',
      ['--from', '1h', '--out', join(folder, out), ...others],
      cluster.environment(names),
    );
    assert.match(stderr, /no space is left for /);
    assert.doesNotMatch(stderr, / at /);
    assert.equal(code, 74);
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name !== 'days'),
      [],
    );
    if (out === 'days/') assert.deepEqual(await readdir(join(folder, 'days')), []);
  }
});

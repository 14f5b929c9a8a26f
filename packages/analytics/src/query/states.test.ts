import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { newStatusEvent, STATUS_SYMBOLS } from '@whatsapp-stream/schemas';
import { withDatabase } from './database.ts';
import { type StatesOptions, writeStates } from './states.ts';
import { newFolder, writeEvents } from './test-support.ts';

const START = Date.UTC(2026, 10, 1, 10, 30);
const TOLD = { origin: 'SENDER', attempt: 1 } as const;
const EVENTS = [
  newStatusEvent({
    ...TOLD,
    event_id: 'a1',
    message_id: 'a',
    status: 'ATTEMPTED',
    occurred_at: START,
    lane: 'otp',
    metadata: { order: 'say "hi", you' },
  }),
  newStatusEvent({ ...TOLD, event_id: 'a2', message_id: 'a', status: 'EXPIRED', occurred_at: START + 7 }),
  newStatusEvent({
    ...TOLD,
    event_id: 'b1',
    message_id: "b's",
    status: 'ATTEMPTED',
    occurred_at: START,
    source: '',
  }),
];

async function written(t: TestContext, options: StatesOptions): Promise<{ rows: number; out: string }> {
  const folder = await newFolder(t);
  await writeEvents(join(folder, 'events'), EVENTS);
  const out = join(folder, "the states' file");
  return { rows: await writeStates(join(folder, 'events'), out, options), out };
}

test('CSV has times in ISO 8601, metadata as JSON, nothing for null and "" for an empty text', async (t) => {
  const { out } = await written(t, { format: 'csv' });
  const lines = (await readFile(out, 'utf8')).trimEnd().split('\n');
  const [head = '', ...rows] = [lines[0], ...lines.slice(1).toSorted()];
  assert.deepEqual(head.split(',').slice(-STATUS_SYMBOLS.length).toSorted(), [
    ...STATUS_SYMBOLS.map((status) => `${status.toLowerCase()}_at`).toSorted(),
  ]);
  assert.equal(rows.length, 2);
  assert.ok(rows[0]?.startsWith('a,,EXPIRED,1,,a2,SENDER,2026-11-01T10:30:00.007Z,,,,,false,true,otp,,,,'));
  assert.ok(rows[0]?.includes('"{""order"":""say \\""hi\\"", you""}"'));
  assert.ok(rows[1]?.startsWith(`b's,,ATTEMPTED,1,,b1,SENDER,2026-11-01T10:30:00.000Z,,,,,,true,,"",,,{},`));
});

test('Parquet has timestamps and a map', async (t) => {
  const { out, rows } = await written(t, { format: 'parquet', where: { messageId: ['a'] } });
  assert.equal(rows, 1);
  const reader = await withDatabase(({ connection }) =>
    connection.runAndReadAll(
      `SELECT typeof(expired_at) AS time, epoch_ms(expired_at)::DOUBLE AS ms, typeof(metadata) AS metadata, closed
       FROM read_parquet('${out.replaceAll("'", "''")}')`,
    ),
  );
  assert.deepEqual(reader.getRowObjectsJS(), [
    { time: 'TIMESTAMP WITH TIME ZONE', ms: START + 7, metadata: 'MAP(VARCHAR, VARCHAR)', closed: true },
  ]);
});

test('what is asked for is the state that a message came to', async (t) => {
  const rowsOf = async (where: StatesOptions['where'] & object) =>
    (await written(t, { format: 'ndjson', where })).rows;
  assert.equal(await rowsOf({ status: ['EXPIRED', 'READ'] }), 1);
  assert.equal(await rowsOf({ status: ['ATTEMPTED'], messageId: ['a'] }), 0);
  assert.equal(await rowsOf({ lane: ['otp'] }), 1);
  assert.equal(await rowsOf({ source: [''] }), 1);
  assert.equal(await rowsOf({ template: [] }), 0);
  assert.equal(await rowsOf({ messageId: ["b's", 'a'] }), 2);
});

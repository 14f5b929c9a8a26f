import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { newStatusEvent } from '@whatsapp-stream/schemas';
import { withDatabase } from '../../query/database.ts';
import { STATUS_COLUMNS } from '../rows/status-columns.ts';
import { recordAt } from '../rows/test-support.ts';
import { createPartFiles } from './part-files.ts';

const MIDNIGHT = Date.UTC(2026, 10, 2);

test('a day begins at midnight of UTC, wherever this runs, and loses no millisecond', async (t) => {
  const zone = process.env['TZ'];
  process.env['TZ'] = 'Asia/Jakarta';
  const folder = await mkdtemp(join(tmpdir(), 'whatsapp-stream-parts-'));
  t.after(async () => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
    await rm(folder, { recursive: true, force: true });
  });
  const parts = await createPartFiles(folder, 'events', STATUS_COLUMNS);
  for (const timestamp of [MIDNIGHT - 1, MIDNIGHT]) {
    const event = newStatusEvent({
      event_id: String(timestamp),
      status: 'SENT',
      origin: 'CALLBACK',
      occurred_at: 0,
    });
    parts.add(event, recordAt(0, 0, timestamp));
  }
  await parts.flush();
  parts.close();
  const days = (await readdir(folder)).filter((name) => name.startsWith('day=')).sort();
  assert.deepEqual(days, ['day=2026-11-01', 'day=2026-11-02']);
  await withDatabase(async ({ connection }) => {
    for (const [i, day] of days.entries()) {
      const reader = await connection.runAndReadAll(
        `SELECT event_id, epoch_ms(recorded_at)::VARCHAR AS at FROM '${join(folder, day)}/*.parquet'`,
      );
      const at = String(MIDNIGHT - 1 + i);
      assert.deepEqual(reader.getRowObjectsJS(), [{ event_id: at, at }]);
    }
  });
});

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { newStatusEvent } from '@whatsapp-stream/schemas';
import { withDatabase } from './database.ts';
import { newFolder, writeEvents } from './test-support.ts';
import { createViews } from './views.ts';

test('events hold each fact once, as it was told first, with the message of its session', async (t) => {
  const folder = join(await newFolder(t), 'events');
  const accepted = newStatusEvent({
    event_id: 'e1',
    message_id: 'm',
    session_id: 's',
    status: 'ACCEPTED',
    origin: 'SENDER',
    occurred_at: 5,
  });
  const sent = newStatusEvent({
    event_id: 'e2',
    session_id: 's',
    status: 'SENT',
    origin: 'CALLBACK',
    occurred_at: 9,
  });
  await writeEvents(folder, [accepted, { ...sent, occurred_at: 12 }, sent, accepted]);
  const rows = await withDatabase(async (database) => {
    await createViews(database, folder, {}, 'journeys');
    const reader = await database.connection.runAndReadAll(
      `SELECT event_id, message_id, epoch_ms(occurred_at)::INTEGER AS ms FROM events ORDER BY event_id`,
    );
    return reader.getRowObjectsJS();
  });
  assert.deepEqual(rows, [
    { event_id: 'e1', message_id: 'm', ms: 5 },
    { event_id: 'e2', message_id: 'm', ms: 9 },
  ]);
});

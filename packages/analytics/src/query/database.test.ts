import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { test } from 'node:test';
import { withDatabase } from './database.ts';

test('a signal ends the query that runs, and nothing is left', { timeout: 10_000 }, async () => {
  const stop = new AbortController();
  const reason = new Error('stopped');
  let folder = '';
  const work = withDatabase(async (database) => {
    folder = database.folder;
    setImmediate(() => stop.abort(reason));
    // Would take hours.
    await database.connection.run('SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b');
  }, stop.signal);
  await assert.rejects(work, reason);
  await assert.rejects(stat(folder), { code: 'ENOENT' });
  await assert.rejects(
    withDatabase(() => Promise.resolve(), stop.signal),
    reason,
  );
});

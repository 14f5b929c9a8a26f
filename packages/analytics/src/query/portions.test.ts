import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withDatabase } from './database.ts';
import { portionsOf } from './portions.ts';

test('the portions hold every row once, and all rows of a message together', async () => {
  await withDatabase(async ({ connection, folder }) => {
    const all = `SELECT 'message ' || range % 1000 AS message_key, range AS place FROM range(5000)`;
    await connection.run(`CREATE VIEW records AS ${all}`);
    const portions = await portionsOf(connection, folder, 2_000_000, all);
    assert.equal(portions.length, 5);
    const parts = portions.map((query, i) => `SELECT *, ${i} AS part FROM (${query})`).join(' UNION ALL ');
    const reader = await connection.runAndReadAll(
      `SELECT count(*)::INTEGER AS places, count(DISTINCT place)::INTEGER AS different,
         count(DISTINCT message_key)::INTEGER AS messages,
         count(DISTINCT (message_key, part))::INTEGER AS homes
       FROM (${parts})`,
    );
    assert.deepEqual(reader.getRowObjectsJS(), [
      { places: 5_000, different: 5_000, messages: 1_000, homes: 1_000 },
    ]);
  });
});

test('a portion that gets no message is left out, and so are all where there is none', async () => {
  await withDatabase(async ({ connection, folder }) => {
    const all = "SELECT 'message' AS message_key, 1 AS place";
    await connection.run(`CREATE VIEW records AS ${all}`);
    assert.equal((await portionsOf(connection, folder, 2_000_000, all)).length, 1);
  });
  await withDatabase(async ({ connection, folder }) => {
    const none = "SELECT 'message' AS message_key, 1 AS place LIMIT 0";
    await connection.run(`CREATE VIEW records AS ${none}`);
    assert.deepEqual(await portionsOf(connection, folder, 2_000_000, none), []);
  });
});

test('few rows are one portion, which is not copied', async () => {
  await withDatabase(async ({ connection, folder }) => {
    assert.deepEqual(await portionsOf(connection, folder, 400_000, 'SELECT 1'), ['SELECT 1']);
    assert.deepEqual(await portionsOf(connection, folder, 0, 'SELECT 1'), ['SELECT 1']);
  });
});

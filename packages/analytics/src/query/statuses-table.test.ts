import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import {
  ORIGIN_SYMBOLS,
  positionOf,
  STATUS_SYMBOLS,
  STATUSES,
  settledPosition,
} from '@whatsapp-stream/schemas';
import { withDatabase } from './database.ts';
import { statusesQuery } from './statuses-table.ts';

const sqlFile = (name: string) => readFile(new URL(`../../sql/${name}.sql`, import.meta.url), 'utf8');

test('the table of statuses says of every attempt what the code says', async () => {
  const rows = await withDatabase(async ({ connection }) => {
    const reader = await connection.runAndReadAll(`
      SELECT facts.*, attempt,
        place_base + place_step * attempt AS place,
        settled_base + settled_step * attempt AS settled
      FROM (${statusesQuery()}) AS facts, (VALUES (0::BIGINT), (1), (7), (2147483647)) AS attempts (attempt)`);
    return reader.getRowObjectsJS();
  });
  assert.equal(rows.length, STATUS_SYMBOLS.length * ORIGIN_SYMBOLS.length * 4);
  for (const row of rows) {
    const status = STATUS_SYMBOLS.find((symbol) => symbol === row['status']);
    const origin = ORIGIN_SYMBOLS.find((symbol) => symbol === row['origin']);
    assert.ok(status && origin);
    const attempt = Number(row['attempt']);
    const settled = settledPosition({ status, attempt, origin });
    assert.equal(Number(row['place']), positionOf({ status, attempt }));
    assert.equal(row['settled'] === null ? Number.NEGATIVE_INFINITY : Number(row['settled']), settled);
    assert.deepEqual([row['closing'], row['charged']], [STATUSES[status].closing, STATUSES[status].charged]);
  }
});

test('the file is the one that the code makes', async () => {
  assert.equal(await sqlFile('statuses'), statusesQuery());
});

test('the states have a time for every status', async () => {
  const [folded, states] = [await sqlFile('folded'), await sqlFile('states')];
  for (const status of STATUS_SYMBOLS) {
    const column = `${status.toLowerCase()}_at`;
    assert.ok(
      folded.includes(`min(CASE WHEN status = '${status}' THEN occurred_at END) AS ${column}`),
      status,
    );
    assert.ok(states.includes(`folded.${column}`), status);
  }
});

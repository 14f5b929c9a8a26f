import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { newStatusEvent } from '@whatsapp-stream/schemas';
import { withDatabase } from './database.ts';
import { figuresOf } from './figures-of.ts';
import { NoEventsError, parquetFiles } from './files.ts';
import { newFolder, writeEvents } from './test-support.ts';
import { MissingColumnsError, NotParquetError } from './views.ts';

const OPTIONS = { afterMinutes: 10, asOfMs: Date.UTC(2026, 10, 2) };
const event = (event_id: string, occurred_at: number) =>
  newStatusEvent({
    event_id,
    message_id: 'm',
    status: 'ATTEMPTED',
    origin: 'SENDER',
    attempt: 1,
    occurred_at,
  });

test('folders, files and globs are taken, each file once, what is hidden or something else is not', async (t) => {
  const folder = await newFolder(t);
  for (const name of ['day=1/a.parquet', 'day=2/b.parquet', '.part/c.parquet', '_d.parquet', 'e.csv']) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), '');
  }
  const both = [join(folder, 'day=1/a.parquet'), join(folder, 'day=2/b.parquet')];
  assert.deepEqual(await parquetFiles(folder), both);
  assert.deepEqual(await parquetFiles([folder, ...both]), both);
  assert.deepEqual(await parquetFiles(join(folder, 'day=*/*.parquet')), both);
});

test('a path without any Parquet file is named', async (t) => {
  const folder = await newFolder(t);
  for (const path of [folder, join(folder, 'missing'), join(folder, '*.parquet')]) {
    await assert.rejects(figuresOf(path, OPTIONS), (error) => {
      assert.ok(error instanceof NoEventsError);
      assert.equal(error.path, path);
      assert.ok(error.message.includes(path));
      return true;
    });
  }
  await assert.rejects(figuresOf([], OPTIONS), NoEventsError);
});

test('a file of other columns is named with those that it lacks, also beside a right one', async (t) => {
  const folder = join(await newFolder(t), 'events');
  await writeEvents(folder, [event('e', 0)]);
  const other = join(folder, 'other.parquet');
  await withDatabase(({ connection }) =>
    connection.run(
      `COPY (SELECT * EXCLUDE (status, lane, day) FROM '${folder}/day=*/*.parquet') TO '${other}'`,
    ),
  );
  await assert.rejects(figuresOf(folder, OPTIONS), (error) => {
    assert.ok(error instanceof MissingColumnsError);
    assert.deepEqual([error.file, error.columns], [other, ['status', 'lane']]);
    return true;
  });
});

test('names with characters of patterns and quotes are names', async (t) => {
  const folder = join(await newFolder(t), "what's [1] *?");
  await writeEvents(folder, [event('e', 0)]);
  assert.equal((await figuresOf(folder, OPTIONS)).events, 1);
});

test('events of several days, in folders of their days, are one set', async (t) => {
  const folder = join(await newFolder(t), 'events');
  await writeEvents(folder, [event('a', Date.UTC(2026, 10, 1)), event('b', Date.UTC(2026, 10, 2))]);
  const { events, messages } = await figuresOf(folder, OPTIONS);
  assert.deepEqual([events, messages], [2, 1]);
});

test('a file that is no Parquet is named', async (t) => {
  const file = join(await newFolder(t), 'a.parquet');
  await writeFile(file, 'event_id,status');
  await assert.rejects(figuresOf(file, OPTIONS), (error) => {
    assert.ok(error instanceof NotParquetError);
    assert.ok(error.message.includes(file));
    return !error.message.includes('\n');
  });
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type DaysOutput, openDays } from './days.ts';
import { claimPartial } from './partial.ts';

const RANGE = { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 10, 3), overwrite: false };

async function newFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'whatsapp-stream-days-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function writeDay(folder: string, day: string, text: string): Promise<void> {
  await mkdir(join(folder, day), { recursive: true });
  await writeFile(join(folder, day, 'events-0-00001.parquet'), text);
}

async function whole(output: DaysOutput): Promise<readonly string[]> {
  try {
    return await output.finish();
  } finally {
    await output.close();
  }
}

test('days appear when all are written, with nothing beside them', async (t) => {
  const folder = join(await newFolder(t), 'new');
  const output = await openDays({ ...RANGE, folder });
  await writeDay(output.staging, 'day=2026-11-02', 'b');
  await writeDay(output.staging, 'day=2026-11-01', 'a');
  assert.deepEqual(
    (await readdir(folder)).filter((name) => !name.startsWith('.')),
    [],
  );
  assert.deepEqual(await whole(output), [
    join(folder, 'day=2026-11-01', 'events-0-00001.parquet'),
    join(folder, 'day=2026-11-02', 'events-0-00001.parquet'),
  ]);
  assert.deepEqual(await readdir(folder), ['day=2026-11-01', 'day=2026-11-02']);
});

test('a day of the range that is there already is an error before anything is read', async (t) => {
  const folder = await newFolder(t);
  await writeDay(folder, 'day=2026-11-02', 'old');
  await assert.rejects(openDays({ ...RANGE, folder }), {
    name: 'ExportError',
    fault: 'occupied',
    message: /day=2026-11-02 is there already: --overwrite/,
  });
  assert.deepEqual(await readdir(folder), ['day=2026-11-02']);
});

test('days out of the range are nobody’s concern', async (t) => {
  const folder = await newFolder(t);
  for (const day of ['day=2026-10-31', 'day=2026-11-03']) await writeDay(folder, day, 'old');
  const output = await openDays({ ...RANGE, folder });
  await writeDay(output.staging, 'day=2026-11-01', 'new');
  await whole(output);
  assert.deepEqual(await readdir(folder), ['day=2026-10-31', 'day=2026-11-01', 'day=2026-11-03']);
});

test('to overwrite replaces the days that are written, whole, and no others', async (t) => {
  const folder = await newFolder(t);
  await writeDay(folder, 'day=2026-11-01', 'old');
  await writeFile(join(folder, 'day=2026-11-01', 'more.parquet'), 'old');
  await writeDay(folder, 'day=2026-11-02', 'old');
  const output = await openDays({ ...RANGE, folder, overwrite: true });
  await writeDay(output.staging, 'day=2026-11-01', 'new');
  await whole(output);
  assert.deepEqual(await readdir(join(folder, 'day=2026-11-01')), ['events-0-00001.parquet']);
  const text = (day: string) => readFile(join(folder, day, 'events-0-00001.parquet'), 'utf8');
  assert.deepEqual(await Promise.all(['day=2026-11-01', 'day=2026-11-02'].map(text)), ['new', 'old']);
  assert.deepEqual(await readdir(folder), ['day=2026-11-01', 'day=2026-11-02']);
});

test('a day that another has written meanwhile is not replaced', async (t) => {
  const folder = await newFolder(t);
  const output = await openDays({ ...RANGE, folder });
  await writeDay(output.staging, 'day=2026-11-01', 'mine');
  await writeDay(folder, 'day=2026-11-01', 'theirs');
  await assert.rejects(whole(output), { fault: 'occupied' });
  assert.equal(await readFile(join(folder, 'day=2026-11-01', 'events-0-00001.parquet'), 'utf8'), 'theirs');
  assert.deepEqual(await readdir(folder), ['day=2026-11-01']);
});

test('what was not finished leaves nothing', async (t) => {
  const folder = await newFolder(t);
  const output = await openDays({ ...RANGE, folder });
  await writeDay(output.staging, 'day=2026-11-01', 'half');
  await output.close();
  assert.deepEqual(await readdir(folder), []);
});

test('a run that was killed while a day was out of its place loses none: the next one puts it back', async (t) => {
  const folder = await newFolder(t);
  const mine = claimPartial(join(folder, 'days'));
  const left = mine.path.replace(`-${process.pid}-`, `-${spawnSync('true').pid}-`);
  await writeDay(left, 'replaced-day=2026-11-01', 'old');
  await writeDay(left, 'day=2026-11-01', 'new');
  await writeDay(left, 'replaced-day=2026-11-02', 'old');
  await writeDay(folder, 'day=2026-11-02', 'new');
  await assert.rejects(openDays({ ...RANGE, folder }), { fault: 'occupied' });
  const output = await openDays({ ...RANGE, folder, overwrite: true });
  await output.close();
  const text = (day: string) => readFile(join(folder, day, 'events-0-00001.parquet'), 'utf8');
  assert.deepEqual(await Promise.all(['day=2026-11-01', 'day=2026-11-02'].map(text)), ['old', 'new']);
  assert.deepEqual(await readdir(folder), ['day=2026-11-01', 'day=2026-11-02']);
  await mine.remove();
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { claimPartial, removeLeftovers, temporaryFolder } from './partial.ts';

async function newFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'whatsapp-stream-partial-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The name that another process would have taken. */
function ofProcess(path: string, pid: number): string {
  return join(dirname(path), basename(path).replace(`-${process.pid}-`, `-${pid}-`));
}

function endedProcess(): number {
  return spawnSync('true').pid;
}

test('it lies beside its target, hidden, and is removed', async (t) => {
  const folder = await newFolder(t);
  const partial = claimPartial(join(folder, 'events.csv'));
  assert.equal(dirname(partial.path), folder);
  assert.match(basename(partial.path), /^\.events\.csv\..*\.partial$/);
  await writeFile(partial.path, 'half');
  await partial.remove();
  assert.deepEqual(await readdir(folder), []);
});

test('what a process left that is no more is removed; what others need is not', async (t) => {
  const folder = await newFolder(t);
  const target = join(folder, 'events.csv');
  const mine = claimPartial(target);
  const left = ofProcess(mine.path, endedProcess());
  const ofLiving = ofProcess(mine.path, process.ppid);
  const ofOtherTarget = claimPartial(join(folder, 'other.csv'));
  const foreign = join(folder, '.events.csv.bak.partial');
  for (const path of [mine.path, left, ofLiving, ofOtherTarget.path, foreign]) await writeFile(path, '');
  await removeLeftovers(target);
  const expected = [mine.path, ofLiving, ofOtherTarget.path, foreign].map((path) => basename(path));
  assert.deepEqual(await readdir(folder), expected.sort());
  await mine.remove();
  await ofOtherTarget.remove();
});

test('an earlier process of the same number counts as one that is no more', async (t) => {
  const folder = await newFolder(t);
  const target = join(folder, 'events.csv');
  const mine = claimPartial(target);
  const earlier = mine.path.replace(/[0-9a-f]{4}\.partial$/, (id) =>
    id.startsWith('0') ? `1${id.slice(1)}` : `0${id.slice(1)}`,
  );
  await writeFile(earlier, '');
  await removeLeftovers(target);
  assert.deepEqual(await readdir(folder), []);
  await mine.remove();
});

test('a temporary folder is for this user alone, and removes what killed processes left', async () => {
  const name = `test-${process.pid}`;
  const first = await temporaryFolder(name);
  assert.equal((await stat(first.path)).mode & 0o777, 0o700);
  const left = ofProcess(first.path, endedProcess());
  await mkdir(left);
  const second = await temporaryFolder(name);
  await assert.rejects(stat(left), { code: 'ENOENT' });
  assert.ok((await stat(first.path)).isDirectory());
  await Promise.all([first.remove(), second.remove()]);
});

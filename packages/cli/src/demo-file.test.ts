import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Demo, demoFolder, readDemoFile, removeDemoFile, writeDemoFile } from './demo-file.ts';

const demo: Demo = {
  pid: process.pid,
  brokers: '127.0.0.1:9092',
  registryUrl: 'http://127.0.0.1:8081',
  startedAt: 1_700_000_000_000,
};
/** Above the highest pid that Linux gives (2^22). */
const NOBODYS_PID = 2 ** 22 + 1;

function ownFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'demo-file-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function onlyFile(folder: string): string {
  const [name, ...others] = readdirSync(folder);
  assert.ok(name !== undefined && others.length === 0);
  return join(folder, name);
}

test('what is written is found, only by its owner, and gone after removal', (t) => {
  const folder = ownFolder(t);
  writeDemoFile(demo, folder);
  assert.deepEqual(readDemoFile(folder), demo);
  assert.equal(statSync(onlyFile(folder)).mode & 0o777, 0o600);
  removeDemoFile(demo.pid, folder);
  assert.deepEqual(readdirSync(folder), []);
});

test('of several demos the last one is found, and after its end the one before', (t) => {
  const folder = ownFolder(t);
  const later = { ...demo, pid: process.ppid, startedAt: demo.startedAt + 1 };
  writeDemoFile(later, folder);
  writeDemoFile(demo, folder);
  assert.deepEqual(readDemoFile(folder), later);
  removeDemoFile(later.pid, folder);
  assert.deepEqual(readDemoFile(folder), demo);
});

test('a demo whose process is gone is not found', (t) => {
  const folder = ownFolder(t);
  writeDemoFile({ ...demo, pid: NOBODYS_PID }, folder);
  assert.equal(readDemoFile(folder), null);
});

test('no file, nonsense, a symbolic link and a file that others can write are not found', (t) => {
  const folder = ownFolder(t);
  assert.equal(readDemoFile(folder), null);
  writeDemoFile(demo, folder);
  const file = onlyFile(folder);
  for (const nonsense of ['nonsense', '{"pid":1}']) {
    writeFileSync(file, nonsense, { mode: 0o600 });
    assert.equal(readDemoFile(folder), null);
  }
  writeDemoFile(demo, folder);
  chmodSync(file, 0o666);
  assert.equal(readDemoFile(folder), null);
  renameSync(file, `${file}.elsewhere`);
  chmodSync(`${file}.elsewhere`, 0o600);
  symlinkSync(`${file}.elsewhere`, file);
  assert.equal(readDemoFile(folder), null);
});

test('the files lie in the runtime folder of the session, where there is one that can be used', (t) => {
  const folder = ownFolder(t);
  assert.equal(demoFolder({ XDG_RUNTIME_DIR: folder }), folder);
  assert.equal(demoFolder({ XDG_RUNTIME_DIR: join(folder, 'gone') }), tmpdir());
  assert.equal(demoFolder({}), tmpdir());
});

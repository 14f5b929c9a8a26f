import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Demo, demoFile, readDemoFile, removeDemoFile, writeDemoFile } from './demo-file.ts';

const demo: Demo = {
  pid: process.pid,
  brokers: '127.0.0.1:9092',
  registryUrl: 'http://127.0.0.1:8081',
  startedAt: 1_700_000_000_000,
};
/** Above the highest pid that Linux gives (2^22). */
const NOBODYS_PID = 2 ** 22 + 1;

function path(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'demo-file-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'demo.json');
}

test('what is written is found, only by its owner, and gone after removal', (t) => {
  const file = path(t);
  writeDemoFile(demo, file);
  assert.deepEqual(readDemoFile(file), demo);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  removeDemoFile(demo.pid, file);
  assert.ok(!existsSync(file));
});

test('the last demo wins, and the end of an earlier one does not remove it', (t) => {
  const file = path(t);
  writeDemoFile(demo, file);
  const later = { ...demo, pid: process.ppid };
  writeDemoFile(later, file);
  removeDemoFile(demo.pid, file);
  assert.deepEqual(readDemoFile(file), later);
});

test('a demo whose process is gone is not found', (t) => {
  const file = path(t);
  writeDemoFile({ ...demo, pid: NOBODYS_PID }, file);
  assert.equal(readDemoFile(file), null);
});

test('no file, nonsense, a symbolic link and a file that others can write are not found', (t) => {
  const file = path(t);
  assert.equal(readDemoFile(file), null);
  writeFileSync(file, 'nonsense', { mode: 0o600 });
  assert.equal(readDemoFile(file), null);
  writeFileSync(file, '{"pid":1}', { mode: 0o600 });
  assert.equal(readDemoFile(file), null);
  writeDemoFile(demo, file);
  symlinkSync(file, `${file}.link`);
  assert.equal(readDemoFile(`${file}.link`), null);
  chmodSync(file, 0o666);
  assert.equal(readDemoFile(file), null);
});

test('the file lies in the runtime folder of the session where there is one', () => {
  assert.match(
    demoFile({ XDG_RUNTIME_DIR: '/run/user/7' }),
    /^\/run\/user\/7\/whatsapp-stream-demo-\d+\.json$/,
  );
  assert.ok(demoFile({}).startsWith(tmpdir()));
});

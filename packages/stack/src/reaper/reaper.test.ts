import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startReaper } from './reaper.ts';

const WITHIN_MS = 20_000;
const STAYS = 'setInterval(() => {}, 1000); console.log("up")';
const STUBBORN = `process.on('SIGTERM', () => {}); ${STAYS}`;

/** A process in a group of its own, up and running. */
async function startProcess(t: TestContext, program: string) {
  const child = spawn(process.execPath, ['-e', program], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  return { target: { kind: 'process', id: String(child.pid) } as const, ended };
}

const newFolder = () => ({ kind: 'folder', id: mkdtempSync(join(tmpdir(), 'reaper-test-')) }) as const;

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + WITHIN_MS;
  while (!condition()) {
    assert.ok(performance.now() < deadline, `not so within ${WITHIN_MS} ms`);
    await sleep(20);
  }
}

test('closing ends processes and deletes folders, twice is once', async (t) => {
  const reaper = startReaper();
  const folder = newFolder();
  const { target, ended } = await startProcess(t, STAYS);
  reaper.watch(target);
  reaper.watch(folder);
  await Promise.all([reaper.close(), reaper.close()]);
  assert.deepEqual(await ended, [null, 'SIGTERM']);
  assert.equal(existsSync(folder.id), false);
});

test('what ignores SIGTERM is killed', async (t) => {
  const reaper = startReaper();
  const { target, ended } = await startProcess(t, STUBBORN);
  reaper.watch(target);
  await reaper.close();
  assert.deepEqual(await ended, [null, 'SIGKILL']);
});

test('what was forgotten is left alone', async (t) => {
  const reaper = startReaper();
  const folder = newFolder();
  t.after(() => rmdirSync(folder.id));
  reaper.watch(folder);
  reaper.forget(folder);
  await reaper.close();
  assert.equal(existsSync(folder.id), true);
});

test('what is watched after closing is ended at once', async (t) => {
  const reaper = startReaper();
  await reaper.close();
  const { target, ended } = await startProcess(t, STAYS);
  reaper.watch(target);
  assert.deepEqual(await ended, [null, 'SIGTERM']);
});

for (const signal of ['SIGKILL', 'SIGINT'] as const) {
  test(`a parent that ends by ${signal}, with its whole group, leaves nothing`, async (t) => {
    const folder = newFolder();
    const { target, ended } = await startProcess(t, STAYS);
    const program = `
      import { startReaper } from ${JSON.stringify(new URL('./reaper.ts', import.meta.url).href)};
      const reaper = startReaper();
      reaper.watch(${JSON.stringify(target)});
      reaper.watch(${JSON.stringify(folder)});
      setInterval(() => {}, 1000);
      console.log('up');`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    assert.ok(parent.pid !== undefined);
    await once(createInterface({ input: parent.stdout }), 'line');
    process.kill(-parent.pid, signal);
    assert.deepEqual(await ended, [null, 'SIGTERM']);
    await until(() => !existsSync(folder.id));
  });
}

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

const HOUR_MS = 3_600_000;

/** Tells at each line of its input how far three ways to ask for the time are from the machine's. */
const PROGRAM = `
  import { createInterface } from 'node:readline';
  const { timeOrigin } = performance;
  for await (const _ of createInterface({ input: process.stdin })) {
    const real = timeOrigin + performance.now();
    const dates = [Date.now(), new Date().getTime(), Date.parse(Date())];
    console.log(JSON.stringify([...dates.map((ms) => Math.round((ms - real) / 10_000) * 10_000),
      new Date(5).getTime(), new Date() instanceof Date, new Date().constructor === Date]));
  }`;

test("a program's wall clock jumps when it is told to, and nothing else does", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wall-clock-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'offset');
  const preload = new URL('./wall-clock.ts', import.meta.url).href;
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    env: { ...process.env, NODE_OPTIONS: `--import=${preload}`, WALL_CLOCK_FILE: file },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout });
  const ask = async () => {
    child.stdin.write('\n');
    const [line] = await once(lines, 'line');
    return JSON.parse(String(line));
  };
  const untilShifted = async (ms: number) => {
    for (;;) {
      const told = await ask();
      if (told[0] === ms) return told;
    }
  };

  assert.deepEqual(await ask(), [0, 0, 0, 5, true, true]);
  for (const ms of [HOUR_MS, -HOUR_MS, 0]) {
    writeFileSync(file, String(ms));
    child.kill('SIGUSR2');
    assert.deepEqual(await untilShifted(ms), [ms, ms, ms, 5, true, true]);
  }
});

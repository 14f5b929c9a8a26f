import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { request } from 'undici';
import { HEADERS, sendBody } from './test-support.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
const run = promisify(execFile);

/** Starts the program on any free port and waits until it says where it listens. */
async function startMain(t: TestContext, ...args: string[]) {
  const child = spawn(process.execPath, [MAIN, '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const lines: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line);
      const found = /simulator on (\S+);/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.on('exit', () => reject(new Error('the simulator ended before it listened')));
  });
  return { child, lines, url };
}

test('it serves, prints a line per request, logs NDJSON, and stops cleanly on SIGTERM', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'verihubs-'));
  t.after(() => rm(folder, { recursive: true }));
  const logFile = join(folder, 'log.ndjson');
  const { child, lines, url } = await startMain(t, '--log-file', logFile, '--max-rps', '1');
  for (const expected of [201, 429]) {
    const answer = await request(`${url}/v2/whatsapp/message/send`, {
      method: 'POST',
      headers: HEADERS,
      body: JSON.stringify(sendBody()),
    });
    await answer.body.dump();
    assert.equal(answer.statusCode, expected);
  }
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  assert.deepEqual(await closed, [0, null]);
  assert.match(lines.at(-1) ?? '', /^Stopped: 2 requests, 1 messages taken, .*1 over the limit/);
  assert.equal(lines.filter((line) => line.includes('otp_login')).length, 2);
  const events = (await readFile(logFile, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    events.map((event) => event.what ?? event.status),
    ['start', 201, 429, 'stop'],
  );
});

test('--help tells every option, and a wrong one is refused with a reason', async () => {
  const { stdout } = await run(process.execPath, [MAIN, '--help']);
  assert.match(stdout, /--max-rps/);
  for (const args of [
    ['--max-rps', '0'],
    ['--port', '70000'],
    ['--callback-loss', '2'],
    ['--latency', '9..1'],
    ['--callback-codes', 'x'],
    ['--nonsense'],
  ]) {
    await assert.rejects(run(process.execPath, [MAIN, ...args]), { code: 1, stderr: /error: / });
  }
});

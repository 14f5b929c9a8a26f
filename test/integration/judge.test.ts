/**
 * The judge of the chaos suite on a small real system: what it reads is what was written, and an honest run is clean.
 * All is real but Verihubs; the judge is a process of its own, as in the suite.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { STATUSES } from '@whatsapp-stream/schemas';
import { messages } from '../support/messages.ts';
import { publishLate } from '../support/publish-late.ts';
import { useStack } from '../support/stack.ts';
import { type System, startSystem } from '../support/system.ts';

const MAIN = fileURLToPath(new URL('../chaos/judge/main.ts', import.meta.url));
const RESENT = '628130000001';
const AGAIN = '628130000002';

const stack = await useStack();
let system: System;
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whatsapp-stream-judge-'));
  system = await startSystem(stack, {
    env: { VERIHUBS_TIMEOUT_MS: '500', DOUBT_GRACE_MS: '10500', VERIHUBS_MAX_RPS: '20' },
    verihubs: {
      callbacks: { delayMs: { minMs: 1, maxMs: 20 } },
      faults: {
        rules: [
          { fault: { kind: 'timeout', taken: false }, msisdn: RESENT, next: 1 },
          { fault: { kind: 'status', status: 429, retryAfterSeconds: 1 }, msisdn: AGAIN, next: 1 },
        ],
      },
    },
  });
});
after(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function judge(args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code, out, err };
}

const settled = (): number =>
  new Set(system.events.filter(({ status }) => STATUSES[status].settling).map(({ message_id }) => message_id))
    .size;

/** Every kind of record, through two senders of which the first is stopped in the middle. @returns how many ids */
async function publishAndSend(): Promise<number> {
  const first = await system.startSender();
  const [one, ...others] = messages('j', 60);
  assert.ok(one);
  const unusual = [
    { ...one, messageId: 'j-resent', msisdn: RESENT },
    { ...one, messageId: 'j-again', msisdn: AGAIN },
  ];
  await system.publisher.sendMany([one, ...others, ...unusual]);
  await publishLate(system, { ...one, messageId: 'j-expired', requestedAt: Date.now(), expiresAt: 1 });
  await system.publisher.send(one);
  const producer = await system.kafka.producer();
  const [topic = ''] = system.names.lanes;
  await producer.send([{ topic, key: 'poison', value: Buffer.from('no Avro') }]);
  await producer.close();
  await system.until(() => settled() >= 30);
  const second = await system.startSender();
  await first.stop();
  const ids = 61 + unusual.length;
  await system.until(() => settled() === ids, 60_000);
  await second.stop();
  return ids;
}

test('an honest run is clean, and one beyond the limit is not', async () => {
  const ids = await publishAndSend();
  const log = join(folder, 'verihubs.ndjson');
  const json = join(folder, 'verdict.json');
  const lines = system.verihubs.control.events().map((event) => `${JSON.stringify(event)}\n`);
  await writeFile(log, lines.join(''));
  const args = ['--simulator-log', log, '--json', json, '--guarded-by', '20'];

  const clean = await judge(args, system.env);
  assert.equal(clean.code, 0, clean.out + clean.err);
  assert.match(clean.out, /verdict: clean/);
  assert.doesNotMatch(clean.out, /62813/);
  const { figures } = JSON.parse(await readFile(json, 'utf8'));
  assert.equal(figures.published, ids + 2);
  assert.equal(figures.distinctIds, ids);
  assert.equal(figures.repeats, 1);
  // It is put aside again by the second sender if something below it was not done when the first one stopped.
  assert.equal(figures.deadLetters - figures.deadLettersAgain, 1);
  assert.deepEqual(figures.settled, { ACCEPTED: ids - 1, EXPIRED: 1 });
  assert.equal(figures.taken, ids - 1);
  assert.equal(figures.resends, 1);
  assert.equal(figures.injected429, 1);
  assert.equal(figures.replicas, 2);
  assert.equal(figures.handOvers, 1);
  assert.ok(figures.fullestSecond <= 20 && figures.fullestSecond > 5);
  assert.ok(figures.commits >= 18, `${figures.commits} commits of 18 partitions`);

  const slower = await judge(args, { ...system.env, VERIHUBS_MAX_RPS: '2' });
  assert.equal(slower.code, 1);
  assert.match(slower.out, /^TOO_FAST {2}\d+ requests in the second/m);
});

test('a wrong command line and a wrong environment are told, each with its code', async () => {
  const [usage, missing, environment] = await Promise.all([
    judge([], system.env),
    judge(['--simulator-log', join(folder, 'none')], system.env),
    judge(['--simulator-log', join(folder, 'none')], { ...system.env, VERIHUBS_MAX_RPS: 'many' }),
  ]);
  assert.deepEqual([usage.code, missing.code, environment.code], [64, 64, 78]);
  assert.match(usage.err, /Usage:/);
  assert.match(missing.err, /no such file/);
  assert.match(environment.err, /VERIHUBS_MAX_RPS="many"/);
});

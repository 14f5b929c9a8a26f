/**
 * callback-ingest loses nothing that it has answered 200: a short run of the crash test. callback-ingest is a
 * process that is really killed; Kafka and the registry are real and taken away by cutting the way to them. Doubled:
 * Verihubs, by the calls made here. The long run, with a broker that is killed, is in `test/extended`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crash, crashTable } from '../support/callback-crash.ts';
import { useStack } from '../support/stack.ts';

const SEED = 3;
const FAULTS_FOR_MS = 10_000;

const stack = await useStack();

test('killed, stopped and cut off from Kafka under load, it loses no callback that it has answered 200', async (t) => {
  const result = await crash(stack, { seed: SEED, durationMs: FAULTS_FOR_MS, perSecond: 600, calmMs: 1_800 });
  t.diagnostic(`\n${crashTable([{ seed: SEED, result }])}`);
  for (const fault of ['cut', 'answers-lost'] as const) assert.ok(result.kafka.faults.includes(fault), fault);
  for (const fault of ['kill', 'stop'] as const) assert.ok(result.ingest.faults.includes(fault), fault);
  // It is down for a second each time; but in all that time it was up it has taken nearly all.
  assert.ok(result.answered > result.made / 2, `${result.answered} of ${result.made} were answered 200`);
});

/**
 * The long run of the crash test of callback-ingest, on a stack of its own whose broker is really killed. Prints the
 * table that `docs/guarantees.md` shows. Doubled: Verihubs, by the calls made here.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crash, crashTable } from '../support/callback-crash.ts';
import { startOwnStack } from '../support/own-stack.ts';

const SEED = Number(process.env['SEED'] ?? 11);
const FAULTS_FOR_MS = 24_000;

test('through kills of the broker and of itself it loses no callback that it has answered 200', async (t) => {
  const stack = await startOwnStack((line) => process.stderr.write(`${line}\n`));
  t.after(() => stack.stop());
  const { broker } = stack;
  if (broker === undefined) t.diagnostic(`the broker is not killed: by way of ${stack.kind} it cannot be`);
  const options = { seed: SEED, durationMs: FAULTS_FOR_MS, perSecond: 700, calmMs: 3_500, broker };
  const result = await crash(stack, options);
  t.diagnostic(`\n${crashTable([{ seed: SEED, result }])}`);
  t.diagnostic(
    `Kafka: ${result.kafka.faults.join(', ')}; callback-ingest: ${result.ingest.faults.join(', ')}`,
  );
  assert.ok(broker === undefined || result.kafka.faults.includes('broker-killed'));
});

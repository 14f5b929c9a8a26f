/**
 * A short chaos run with a seed whose plan has every kind of fault. Senders, callback-ingest, broker and
 * registry are real processes that are really killed; only Verihubs is simulated. Observed by the judge, which reads
 * the simulator's log and the topics and nothing else.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chaos } from '../../chaos/chaos.ts';

/** Its plan of 75 seconds has every kind of fault. */
const SEED = 2389;
const FAULTS_FOR_MS = 75_000;
const KINDS = 16;
/** What is meant for the active sender can come while there is none, right after it was killed. */
const MAY_MEET_NOBODY = 3;

test('through 75 seconds of faults of every kind the senders keep their promises', async (t) => {
  const said: string[] = [];
  const { counts, failures, verdict, folder } = await chaos({
    durationMs: FAULTS_FOR_MS,
    seed: SEED,
    replicas: 3,
    rate: 15,
    guardMs: 1_000,
    say: (line) => void said.push(line),
  });
  const story = [...said, ...failures, `logs are in ${folder}`].join('\n');
  assert.equal(verdict, 0, story);
  assert.deepEqual(failures, [], story);

  const { answers: _, callbacks: __, ...troubles } = Object.fromEntries(counts);
  const happened = Object.keys(troubles);
  assert.ok(happened.length >= KINDS - MAY_MEET_NOBODY, `only ${happened.join(', ')}\n${story}`);
  if (said.some((line) => line.startsWith('The broker is not killed')))
    t.diagnostic('the broker was not killed');
  else assert.ok(happened.includes('broker-killed'), `the broker was not killed\n${story}`);
});

/**
 * A short chaos run with a seed whose plan has nearly every kind of fault. Senders, callback-ingest, broker and
 * registry are real processes that are really killed; only Verihubs is simulated. Observed by the judge, which reads
 * the simulator's log and the topics and nothing else.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chaos } from '../../chaos/chaos.ts';

const SEED = 12;
const FAULTS_FOR_MS = 75_000;
const EVERY_KIND = [
  'kill-active',
  'kill-standby',
  'stop-active',
  'freeze-active',
  'hiccup-active',
  'storm',
  'registry-away',
  'clock-jump',
  'more-partitions',
  'ingest-killed',
] as const;

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

  const happened = (kind: Parameters<typeof counts.get>[0]) => (counts.get(kind) ?? 0) > 0;
  for (const kind of EVERY_KIND) assert.ok(happened(kind), `${kind} did not happen\n${story}`);
  if (said.some((line) => line.startsWith('The broker is not killed')))
    t.diagnostic('the broker was not killed');
  else assert.ok(happened('broker-killed'), `the broker was not killed\n${story}`);
});

/**
 * `npm run lanes` and `npm run cancel` as child processes against a real Kafka and a real registry, and what a sender
 * makes of their word. No sender runs: its commits are made here in its place.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createPublisher, type NewMessage } from '@whatsapp-stream/client';
import { laneOf, type TopicNames } from '@whatsapp-stream/schemas';
import { createLogger, systemClock } from '@whatsapp-stream/service-kit';
import { followControl } from '../../services/sender/src/control/follow-control.ts';
import { groupOf, runCommand, startCommand, useCommands } from '../support/commands.ts';
import { commitAs } from '../support/commits.ts';
import { messages } from '../support/messages.ts';
import { until } from '../support/until.ts';

const { kafka, registry, ownTopics, environment } = await useCommands('brakes');
const log = createLogger('brakes-test', 'silent');

async function publish(names: TopicNames, some: readonly NewMessage[], source = 'shop') {
  const publisher = await createPublisher({ kafka, registry, topics: names, source });
  const receipts = await publisher.sendMany(some);
  await publisher.close();
  return receipts;
}

/** Commits as the sender does that has done `done` records of a partition. */
const commit = (names: TopicNames, topic: string, partition: number, done: number) =>
  commitAs(kafka, groupOf(names), names.lanes, [{ topic, partition, offset: done, metadata: '' }]);

/** What a sender knows of the operators' word. */
async function heard(t: TestContext, names: TopicNames) {
  const failed: Error[] = [];
  const control = followControl({
    kafka,
    topic: names.control,
    onChange: () => undefined,
    onSkipped: () => assert.fail('the commands write what the sender understands'),
    onFailed: (error) => failed.push(error),
    clock: systemClock,
    log,
  });
  t.after(() => control.close());
  const catchUp = async () => {
    assert.ok(await control.caughtUp(new AbortController().signal));
    assert.deepEqual(failed, []);
  };
  await catchUp();
  return { control, catchUp };
}

async function lanesJson(names: TopicNames) {
  const { code, stdout, stderr } = await runCommand('lanes', ['--json'], environment(names));
  assert.equal(code, 0, stderr);
  const rows = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return (lane: string) => rows.find((row) => row.lane === lane);
}

test('lanes shows depth, age and brakes; what is done does not count', async () => {
  const names = await ownTopics();
  const before = Date.now();
  const receipts = await publish(names, messages('m', 90));
  const inMarketing = receipts.filter(({ topic }) => laneOf(topic) === 'marketing');
  const [first] = inMarketing;
  assert.ok(first);
  const ofPartition = inMarketing.filter(({ partition }) => partition === first.partition).length;
  await commit(names, first.topic, first.partition, ofPartition);
  const of = await lanesJson(names);
  assert.equal(of('otp').depth, 30);
  assert.equal(of('marketing').depth, 30 - ofPartition);
  const { oldest_at: oldestAt, oldest_age_ms: age, retention_ms: retention } = of('otp');
  // Exact to a second.
  assert.ok(oldestAt >= before - 1_100 && oldestAt <= Date.now(), `${oldestAt - before}`);
  assert.ok(age >= 0);
  assert.equal(retention, 604_800_000);
  assert.equal(of('otp').paused, false);

  const empty = await lanesJson(await ownTopics());
  assert.deepEqual([empty('otp').depth, empty('otp').oldest_at], [0, null]);
});

test('a pause is shown with who and why, is heard by a sender, and is taken back', async (t) => {
  const names = await ownTopics();
  const sender = await heard(t, names);
  const paused = await runCommand(
    'lanes',
    ['pause', 'marketing', '--reason', 'wrong price', '--by', 'ana'],
    environment(names),
  );
  assert.equal(paused.code, 0, paused.stderr);
  assert.match(paused.stdout, /^marketing: paused\n/);
  await sender.catchUp();
  assert.equal(sender.control.brake('marketing')?.reason, 'paused by ana: wrong price');
  assert.equal(sender.control.brake('otp'), null);

  const shown = await runCommand('lanes', [], environment(names));
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /otp +open .*\n/);
  assert.match(shown.stdout, /marketing +paused .*\n/);
  assert.match(shown.stdout, /marketing is paused since .* by ana: wrong price\n$/);

  const resumed = await runCommand('lanes', ['resume', 'marketing'], environment(names));
  assert.match(resumed.stdout, /^marketing: resumed\nSending goes on/);
  await sender.catchUp();
  assert.equal(sender.control.brake('marketing'), null);
});

test('who resumes hears what is still held; a sender that starts later knows it too', async (t) => {
  const names = await ownTopics();
  for (const args of [
    ['pause', 'all', '--by', 'ana'],
    ['pause', 'otp', '--by', 'ben'],
  ]) {
    assert.equal((await runCommand('lanes', args, environment(names))).code, 0);
  }
  const one = await runCommand('lanes', ['resume', 'marketing'], environment(names));
  assert.match(one.stdout, /but all lanes are paused since .* by ana\n$/);
  const all = await runCommand('lanes', ['resume', 'all'], environment(names));
  assert.match(all.stdout, /but otp is paused since .* by ben\n$/);
  const { control } = await heard(t, names);
  assert.equal(control.brake('otp')?.reason, 'paused by ben');
  assert.equal(control.brake('transactional'), null);
});

test('an unknown lane is refused with code 64 and the lanes; so is a control topic that is missing, with 69', async () => {
  const names = await ownTopics();
  const unknown = await runCommand('lanes', ['pause', 'promo'], environment(names));
  assert.equal(unknown.code, 64);
  assert.match(
    unknown.stderr,
    /nothing was done:\n {2}- promo is no lane: there are otp, transactional, marketing, or all/,
  );
  const missing = { ...environment(names), CONTROL_TOPIC: `${names.control}-not` };
  const { code, stderr } = await runCommand('lanes', ['pause', 'otp'], missing);
  assert.equal(code, 69);
  assert.match(stderr, /control-not does not exist: `npm run setup` creates what is missing/);
});

test('a brake holds while the registry is away', async (t) => {
  const names = await ownTopics();
  const env = { ...environment(names), SCHEMA_REGISTRY_URL: 'http://127.0.0.1:1' };
  const { code, stderr } = await runCommand('lanes', ['pause', 'all'], env);
  assert.equal(code, 0, stderr);
  const called = await runCommand('cancel', ['--message-id', 'm-1', '--json'], env);
  assert.equal(called.code, 0, called.stderr);
  const { control } = await heard(t, names);
  assert.ok(control.brake('otp'));
  assert.ok(
    control.cancellation({ messageId: 'm-1', source: '', template: null, lane: 'otp', appendedAt: 0 }),
  );
});

const SALE = { name: 'sale', langCode: 'id' };

test('a dry run counts what matches and calls nothing back', async (t) => {
  const names = await ownTopics();
  await publish(names, messages('shop', 30, { template: SALE }));
  await publish(names, messages('bank', 30), 'bank');
  const count = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await runCommand(
      'cancel',
      [...args, '--dry-run', '--json'],
      environment(names),
    );
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout).matching;
  };
  assert.equal(await count('--template', 'sale'), 30);
  assert.equal(await count('--source', 'bank', '--lane', 'otp'), 10);
  assert.equal(await count('--source', 'bank', '--template', 'sale'), 0);
  assert.equal(await count('--message-id', 'shop-7'), 1);
  assert.equal(await count('--lane', 'otp', '--all-of-lane'), 20);
  assert.equal(await count('--source', 'bank', '--until', '1h'), 0);
  const { control } = await heard(t, names);
  const one = { messageId: 'shop-7', source: 'shop', template: 'sale', lane: 'otp', appendedAt: 0 };
  assert.equal(control.cancellation(one), null);
});

test('a cancellation holds for what was queued before it, is listed, and can be taken back', async (t) => {
  const names = await ownTopics();
  await publish(names, messages('m', 30, { template: SALE }));
  const args = ['--template', 'sale', '--lane', 'marketing', '--reason', 'wrong price', '--by', 'ana'];
  const { code, stdout, stderr } = await runCommand('cancel', args, environment(names));
  assert.equal(code, 0, stderr);
  const [, id = ''] = /^(\w+) holds for --template sale --lane marketing, queued until /.exec(stdout) ?? [];
  assert.match(stdout, /\nmarketing: 10 of 10 queued messages match\n$/);
  assert.doesNotMatch(stdout + stderr, /62812/);

  const sender = await heard(t, names);
  const queuedAt = (appendedAt: number) =>
    sender.control.cancellation({
      messageId: 'm-2',
      source: 'shop',
      template: 'sale',
      lane: 'marketing',
      appendedAt,
    });
  assert.equal(queuedAt(Date.now() - 60_000)?.reason, 'called back by ana: wrong price');
  assert.equal(queuedAt(Date.now() + 60_000), null);

  const listed = await runCommand('cancel', ['--list'], environment(names));
  assert.match(
    listed.stdout,
    new RegExp(`^${id}  --template sale --lane marketing  queued until .* by ana  wrong price\n$`),
  );
  const undone = await runCommand('cancel', ['--undo', id], environment(names));
  assert.equal(undone.code, 0, undone.stderr);
  await sender.catchUp();
  assert.equal(queuedAt(0), null);
  const again = await runCommand('cancel', ['--undo', id], environment(names));
  assert.equal(again.code, 1);
  assert.match(again.stderr, /there is no cancellation/);
});

test('a whole lane is called back only in so many words', async () => {
  const names = await ownTopics();
  const { code, stderr } = await runCommand('cancel', ['--lane', 'marketing'], environment(names));
  assert.equal(code, 64);
  assert.match(stderr, /say so with --all-of-lane/);
});

test('lanes --watch looks again until Ctrl-C, which ends it quietly', async (t) => {
  const names = await ownTopics();
  const child = startCommand('lanes', ['--watch', '--json'], environment(names));
  t.after(() => child.kill('SIGKILL'));
  const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
  let shown = '';
  child.stdout.on('data', (data) => {
    shown += data;
  });
  const lookAt = (depth: number) =>
    shown.includes(`"lane":"otp","topic":"${names.lanes[0]}"`) && shown.includes(`"depth":${depth},`);
  await until('the lanes are shown', () => lookAt(0));
  await publish(names, messages('m', 12));
  await until('what came is shown', () => lookAt(4));
  child.kill('SIGINT');
  assert.equal(await exit, 0);
});

/**
 * The subscriber of `examples/java`, built by Maven, against a real Kafka and a real registry; status events are
 * written here in the services' place. Skipped where there is no Maven or no JDK, but never with CI=true.
 */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { useCommands } from '../support/commands.ts';
import { exampleFile, type Printed, runExample } from '../support/example.ts';
import { whyMissing } from '../support/found-programs.ts';
import { runProgram } from '../support/python.ts';
import { ownStatusTopic, type StatusTopic } from '../support/status-topic.ts';

const FOLDER = exampleFile('java');
const BUILD = ['-B', '-q', '-Dstyle.color=never', '-f', `${FOLDER}/pom.xml`, 'compile'];
/** A JVM that was asked by SIGTERM to end: 128 + 15, also after it ended well. */
const TERMINATED = 143;

const missing =
  (await whyMissing('mvn', ['-version'])) ?? (await whyMissing('javac', ['--release', '17', '-version']));
const NAME = 'a subscriber in Java';
if (missing === undefined) {
  const commands = await useCommands('java');
  describe(NAME, { timeout: 300_000 }, () => testWith(() => ownStatusTopic(commands)));
} else {
  test(NAME, { skip: missing });
}

function testWith(ownTopic: () => Promise<StatusTopic>): void {
  let status: StatusTopic;

  /** Runs until the newest event of the message was printed. */
  const subscribe = (group: string, last: string, env: NodeJS.ProcessEnv = {}) =>
    runExample({
      program: 'java',
      args: [
        '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
        ...['-cp', `${FOLDER}/target/classes:${FOLDER}/target/lib/*`, 'Subscribe', group],
      ],
      env: { ...status.env, ...env },
      isEnough: (printed) => printed.at(-1)?.['event_id'] === last,
    });
  const idsOf = (printed: readonly Printed[]) => printed.map((event) => event['event_id']);

  before(async () => {
    const [built, topic] = await Promise.all([runProgram('mvn', BUILD), ownTopic()]);
    assert.equal(built.code, 0, built.stdout + built.stderr);
    status = topic;
  });

  test('it prints every event, past what is none, and its group goes on from there after SIGTERM', async () => {
    await status.writeBytes('a', Buffer.from('{"message_id": "json"}'));
    await status.writeBytes('a', Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 0]));
    const ids = await status.write('a', ['ATTEMPTED', 'ACCEPTED', 'SENT', 'DELIVERED']);
    const group = `${status.topic}-all`;
    const first = await subscribe(group, String(ids.at(-1)));
    assert.equal(first.code, TERMINATED, first.stderr);
    assert.deepEqual(idsOf(first.printed), ids);
    assert.equal(first.stderr.match(/^skipped \S+ offset \d+: /gm)?.length, 2, first.stderr);
    assert.partialDeepStrictEqual(first.printed[1], {
      message_id: 'a',
      session_id: null,
      status: 'ACCEPTED',
      origin: 'SENDER',
      attempt: 0,
      verified: true,
      metadata: { order: 'a=7' },
    });

    const [read] = await status.write('a', ['READ']);
    const second = await subscribe(group, String(read));
    assert.deepEqual(idsOf(second.printed), [read]);
  });

  test('what a newer schema adds does no harm: an unknown status is UNKNOWN, a further field is left out', async () => {
    await status.writeNewer('newer');
    const [last] = await status.write('newer', ['SENT']);
    const { printed } = await subscribe(`${status.topic}-newer`, String(last));
    const newer = printed.find((event) => event['message_id'] === 'newer');
    assert.equal(newer?.['status'], 'UNKNOWN');
    assert.ok(!('forwarded_by' in newer));
  });

  test('a registry that does not answer ends it, and nothing is passed over', async () => {
    const group = `${status.topic}-away`;
    const away = await subscribe(group, '', { SCHEMA_REGISTRY_URL: 'http://127.0.0.1:9/apis/ccompat/v7' });
    assert.deepEqual([away.code, away.printed], [1, []], away.stderr);
    const [last] = await status.write('a', ['READ']);
    const { printed } = await subscribe(group, String(last));
    assert.ok(printed.some((event) => event['message_id'] === 'newer'));
  });
}

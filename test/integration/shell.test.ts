/**
 * `examples/shell/subscribe.sh` with the kcat of this machine, against a real Kafka and a real registry; status
 * events are written here in the services' place. A kcat that was built with Avro is doubled: it tells how it was
 * called. Skipped where there is no kcat or no Python, but never with CI=true.
 */
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { useCommands } from '../support/commands.ts';
import { exampleFile, runExample } from '../support/example.ts';
import { whyMissing } from '../support/found-programs.ts';
import { ensureEnvironment, findPython, type Python, runProgram } from '../support/python.ts';
import { ownStatusTopic, type StatusTopic } from '../support/status-topic.ts';
import { ownFolder } from '../support/system.ts';

const SCRIPT = exampleFile('shell/subscribe.sh');
const WITH_AVRO = `#!/bin/sh
if [ "$1" = -V ]; then echo 'Version 1.7.1 (JSON, Avro, Transactions)'; else printf '"%s"\\n' "$@"; fi`;

const NAME = 'a subscriber at a shell';
const kcat = await whyMissing('kcat', ['-V']);
const found = await findPython();
if (kcat !== undefined) test(NAME, { skip: kcat });
else if (!found.ok) test(NAME, { skip: found.reason });
else {
  const commands = await useCommands('shell');
  describe(NAME, { timeout: 120_000 }, () => testWith(found.python, () => ownStatusTopic(commands)));
}

function testWith(python: Python, ownTopic: () => Promise<StatusTopic>): void {
  let status: StatusTopic;
  let withFastavro: NodeJS.ProcessEnv;
  let ids: readonly string[];

  before(async () => {
    const report = (line: string) => process.stderr.write(`${line}\n`);
    const [topic, interpreter] = await Promise.all([ownTopic(), ensureEnvironment(python, report)]);
    status = topic;
    withFastavro = { ...status.env, PYTHON: interpreter };
    await status.writeBytes('a', Buffer.from('{"message_id": "json"}'));
    await status.writeBytes('a', Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 0]));
    await status.writeBytes('a', null);
    ids = await status.write('a', ['ATTEMPTED', 'ACCEPTED', 'READ']);
  });

  test('without Avro in kcat, fastavro decodes every event, past what is none', async () => {
    const { code, printed, stderr } = await runExample({ program: SCRIPT, args: ['-e'], env: withFastavro });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^this kcat has no Avro: fastavro decodes$/m);
    assert.equal(stderr.match(/^skipped partition \d+ offset \d: /gm)?.length, 3, stderr);
    assert.deepEqual(
      printed.map((event) => event['event_id']),
      ids,
    );
    assert.partialDeepStrictEqual(printed.at(-1), { status: 'READ', metadata: { order: 'a=7' } });
    assert.match(String(printed.at(-1)?.['occurred_at']), /^\d{4}-\d\d-\d\dT.*\+00:00$/);
  });

  test("kcat's own options say what is read", async () => {
    const args = ['-o', '-1', '-e'];
    const { code, printed, stderr } = await runExample({ program: SCRIPT, args, env: withFastavro });
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      printed.map((event) => event['status']),
      ['READ'],
    );
  });

  test('a registry that does not answer ends it: it is no fault of the record', async () => {
    const env = { ...withFastavro, SCHEMA_REGISTRY_URL: 'http://127.0.0.1:9' };
    const { code, printed, stderr } = await runExample({ program: SCRIPT, args: ['-o', '-1', '-e'], env });
    assert.deepEqual([code, printed], [1, []]);
    assert.match(stderr, /URLError/);
  });

  test('without Avro and fastavro it shows what stands outside the value, and says so', async () => {
    const env = { ...status.env, PYTHON: 'false' };
    const { code, stdout, stderr } = await runProgram(SCRIPT, ['-e'], env);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /no fastavro: no statuses, only what stands outside the value/);
    assert.equal(stdout.match(/^partition \d+ offset \d at \d+: a, -?\d+ bytes, /gm)?.length, 6, stdout);
  });

  test('a kcat that has Avro decodes by itself', async () => {
    const folder = ownFolder('kcat');
    const double = join(folder, 'kcat');
    writeFileSync(double, WITH_AVRO);
    chmodSync(double, 0o755);
    const env: NodeJS.ProcessEnv = { ...status.env, PATH: `${folder}${delimiter}${process.env['PATH']}` };
    const { code, stdout, stderr } = await runProgram(SCRIPT, ['-e'], env);
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`"-s"\n"value=avro"\n"-r"\n"${env['SCHEMA_REGISTRY_URL']}"\n"-e"\n$`));
    assert.match(stdout, new RegExp(`"-t"\n"${status.topic}"`));
  });
}

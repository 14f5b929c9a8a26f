import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startReaper } from '../reaper/reaper.ts';
import { KAFKA_VERSION, REGISTRY_VERSION } from '../versions.ts';
import { cacheFolder, ensurePackages } from './packages.ts';

/** Puts the files that are looked for where Maven was told to. */
const GOOD_MAVEN = `#!/bin/sh
for argument; do case "$argument" in -DoutputDirectory=*) into="\${argument#-DoutputDirectory=}";; esac; done
touch "$into/kafka_2.13-${KAFKA_VERSION}.jar" "$into/apicurio-registry-app-${REGISTRY_VERSION}-runner.jar"
`;
const BAD_MAVEN = `#!/bin/sh
echo '[INFO] Scanning'
echo '[ERROR] Could not transfer artifact: no route to host'
exit 1
`;

/** An empty cache and a Maven that is this script. */
async function withMaven(t: TestContext, script: string) {
  const cache = await mkdtemp(join(tmpdir(), 'packages-test-'));
  const maven = join(cache, 'mvn');
  await writeFile(maven, script);
  await chmod(maven, 0o755);
  const reaper = startReaper();
  t.after(async () => {
    await reaper.close();
    await rm(cache, { recursive: true });
  });
  const env = { ...process.env, XDG_CACHE_HOME: cache };
  const tools = { java: 'java', javaVersion: 17, maven };
  return { cache, context: { tools, env, reaper, report: () => {} } };
}

test('the cache is where XDG says, if it says so absolutely', () => {
  assert.equal(cacheFolder({ XDG_CACHE_HOME: '/var/cache/me' }), '/var/cache/me/whatsapp-stream');
  assert.equal(cacheFolder({ XDG_CACHE_HOME: 'here' }), cacheFolder({}));
});

test('the cache is filled once, also by two at once, and then needs no Maven', async (t) => {
  const { cache, context } = await withMaven(t, GOOD_MAVEN);
  const [first, second] = await Promise.all([ensurePackages(context), ensurePackages(context)]);
  assert.deepEqual(first, second);
  const names = await readdir(join(cache, 'whatsapp-stream'));
  assert.deepEqual(names.toSorted(), [`apicurio-registry-${REGISTRY_VERSION}`, `kafka-${KAFKA_VERSION}`]);
  await ensurePackages({ ...context, tools: { ...context.tools, maven: undefined } });
});

test("a failed Maven is told with Maven's errors, and leaves nothing half", async (t) => {
  const { cache, context } = await withMaven(t, BAD_MAVEN);
  await assert.rejects(ensurePackages(context), /exit code 1\n {2}\[ERROR\] Could not transfer artifact/);
  assert.deepEqual(await readdir(join(cache, 'whatsapp-stream')), []);
});

test('an empty cache without Maven says what to install', async (t) => {
  const { context } = await withMaven(t, GOOD_MAVEN);
  const without = { ...context, tools: { ...context.tools, maven: undefined } };
  await assert.rejects(ensurePackages(without), /Install Maven, or Docker/);
});

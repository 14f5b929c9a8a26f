import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findJavaTools, majorVersion } from './tools.ts';

/** A folder with `bin/java` that says it is of this version. */
async function javaHome(t: TestContext, version: string): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'java-home-'));
  t.after(() => rm(home, { recursive: true }));
  await mkdir(join(home, 'bin'));
  const script = `#!/bin/sh\necho 'openjdk version "${version}"' >&2\n`;
  await writeFile(join(home, 'bin', 'java'), script, { mode: 0o755 });
  return home;
}

test('the major version is read from old and new forms', () => {
  assert.equal(majorVersion('openjdk version "17.0.15" 2025-04-15'), 17);
  assert.equal(majorVersion('openjdk version "25-ea" 2025-09-16'), 25);
  assert.equal(majorVersion('java version "1.8.0_402"'), 8);
  assert.equal(majorVersion('The operation could not be completed'), undefined);
});

test('no Java anywhere is told with where it was looked for', async () => {
  const found = await findJavaTools({ PATH: '/nonexistent' });
  assert.deepEqual(found, { outcome: 'missing', reason: 'no java in JAVA_HOME or on the PATH' });
});

test('a Java that is too old is named', async (t) => {
  const home = await javaHome(t, '11.0.2');
  const found = await findJavaTools({ JAVA_HOME: home });
  assert.deepEqual(found, { outcome: 'missing', reason: `${home}/bin/java is Java 11` });
});

test('a Java on the PATH is taken when that of JAVA_HOME is too old', async (t) => {
  const old = await javaHome(t, '1.8.0_402');
  const recent = join(await javaHome(t, '21.0.1'), 'bin');
  const found = await findJavaTools({ JAVA_HOME: old, PATH: recent });
  const tools = { java: join(recent, 'java'), javaVersion: 21, maven: undefined };
  assert.deepEqual(found, { outcome: 'found', tools });
});

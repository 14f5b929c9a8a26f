import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Reread, secretFiles } from '@whatsapp-stream/service-kit';
import { manualClock } from '@whatsapp-stream/service-kit/testing';
import { createCredentials, credentialSchema } from './credentials.ts';

const LOOK_MS = 3_000;
const FIRST = { appId: 'app-1', apiKey: 'key-1' };

const good = (value: string): Reread<string> => ({ ok: true, value });
const bad = (fault: string): Reread<string> => ({ ok: false, fault });

const unexpected = () => assert.fail('nothing was to happen');

function setUp(only: { readonly appId?: false; readonly apiKey?: false } = {}) {
  const clock = manualClock();
  const disk = { appId: good(FIRST.appId), apiKey: good(FIRST.apiKey), reads: 0 };
  const lines: string[] = [];
  let changes = 0;
  const from = (part: 'appId' | 'apiKey') => async () => {
    disk.reads += 1;
    return disk[part];
  };
  const line = (...parts: readonly unknown[]) => void lines.push(JSON.stringify(parts));
  const source = createCredentials({
    first: FIRST,
    files: {
      appId: only.appId === false ? undefined : from('appId'),
      apiKey: only.apiKey === false ? undefined : from('apiKey'),
    },
    clock,
    log: { info: line, warn: line },
    onChanged: () => {
      changes += 1;
    },
  });
  return { clock, disk, lines, source, changes: () => changes };
}

test('a new pair is taken when it was there at two looks, and told once', async () => {
  const { clock, disk, lines, source, changes } = setUp();
  disk.appId = good('app-2');
  disk.apiKey = good('key-2');
  await clock.advance(LOOK_MS);
  assert.deepEqual(source.current(), FIRST);
  await clock.advance(LOOK_MS);
  assert.deepEqual(source.current(), { appId: 'app-2', apiKey: 'key-2' });
  await clock.advance(10 * LOOK_MS);
  assert.equal(changes(), 1);
  assert.equal(lines.length, 1);
  assert.doesNotMatch(lines.join(), /app-2|key-2/);
});

test('files that change one after the other never make a pair of one half each', async () => {
  const { clock, disk, source, changes } = setUp();
  disk.appId = good('app-2');
  await clock.advance(LOOK_MS);
  disk.apiKey = good('key-2');
  await clock.advance(LOOK_MS);
  assert.deepEqual(source.current(), FIRST);
  await clock.advance(LOOK_MS);
  assert.deepEqual(source.current(), { appId: 'app-2', apiKey: 'key-2' });
  assert.equal(changes(), 1);
});

test('a change that is taken back is none', async () => {
  const { clock, disk, source, changes } = setUp();
  for (let i = 0; i < 5; i++) {
    disk.apiKey = good('key-2');
    await clock.advance(LOOK_MS);
    disk.apiKey = good('key-1');
    await clock.advance(LOOK_MS);
  }
  assert.deepEqual(source.current(), FIRST);
  assert.equal(changes(), 0);
});

test('while a file cannot be read the last good pair stays, and that is said once', async () => {
  const { clock, disk, lines, source, changes } = setUp();
  disk.apiKey = bad('gone');
  disk.appId = good('app-2');
  await clock.advance(5 * LOOK_MS);
  assert.deepEqual(source.current(), FIRST);
  assert.equal(lines.length, 1);
  assert.match(lines.join(), /gone.*the last good ones stay in use/);
  disk.apiKey = good('key-2');
  await clock.advance(LOOK_MS);
  assert.deepEqual(source.current(), FIRST);
  assert.match(lines[1] ?? '', /can be read again/);
  await clock.advance(LOOK_MS);
  assert.deepEqual(source.current(), { appId: 'app-2', apiKey: 'key-2' });
  assert.equal(changes(), 1);
});

test('a half that did not come from a file stays as it is', async () => {
  const { clock, disk, source } = setUp({ appId: false });
  disk.appId = good('app-2');
  disk.apiKey = good('key-2');
  await clock.advance(2 * LOOK_MS);
  assert.deepEqual(source.current(), { appId: 'app-1', apiKey: 'key-2' });
});

test('there is nothing to look at without files, or after a stop', async () => {
  const none = setUp({ appId: false, apiKey: false });
  await none.clock.advance(10 * LOOK_MS);
  assert.equal(none.disk.reads, 0);
  const { clock, disk, source } = setUp();
  source.stop();
  await clock.advance(10 * LOOK_MS);
  assert.equal(disk.reads, 0);
});

test('a stop during a look ends it without effect', async () => {
  const clock = manualClock();
  const reading = Promise.withResolvers<Reread<string>>();
  let reads = 0;
  const source = createCredentials({
    first: FIRST,
    files: {
      appId: undefined,
      apiKey: () => {
        reads += 1;
        return reading.promise;
      },
    },
    clock,
    log: { info: unexpected, warn: unexpected },
    onChanged: unexpected,
  });
  await clock.advance(LOOK_MS);
  source.stop();
  reading.resolve(bad('gone'));
  await clock.advance(10 * LOOK_MS);
  assert.equal(reads, 1);
});

test('a secret that is mounted, and changed by exchanging links, is seen', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'credentials-'));
  const put = async (version: string) => {
    await mkdir(join(folder, version));
    await writeFile(join(folder, version, 'id'), `app-${version}\n`);
    await writeFile(join(folder, version, 'key'), `key-${version}\n`);
    await symlink(version, join(folder, 'next'));
    await rename(join(folder, 'next'), join(folder, 'data'));
  };
  await put('1');
  const spec = {
    ID: { describe: '', secret: true, schema: credentialSchema },
    KEY: { describe: '', secret: true, schema: credentialSchema },
  } as const;
  const { ID, KEY } = secretFiles(spec, {
    ID_FILE: join(folder, 'data', 'id'),
    KEY_FILE: join(folder, 'data', 'key'),
  });
  assert.ok(ID && KEY);
  const clock = manualClock();
  const changed = Promise.withResolvers<void>();
  const source = createCredentials({
    first: FIRST,
    files: { appId: ID, apiKey: KEY },
    clock,
    log: { info: () => {}, warn: unexpected },
    onChanged: changed.resolve,
  });
  await put('2');
  // A look takes as long as the disk takes, so time goes on until it has been seen.
  const passing = setInterval(() => clock.advance(LOOK_MS), 1);
  t.after(async () => {
    clearInterval(passing);
    source.stop();
    await rm(folder, { recursive: true });
  });
  await changed.promise;
  assert.deepEqual(source.current(), { appId: 'app-2', apiKey: 'key-2' });
});

test('what cannot stand in a header is no credential', () => {
  for (const text of ['a', 'a b', 'A-1_=+/']) assert.ok(credentialSchema.safeParse(text).success, text);
  for (const text of ['', ' a', 'a ', 'a\nb', 'a\n', 'é', 'a\u0000'])
    assert.ok(!credentialSchema.safeParse(text).success, JSON.stringify(text));
});

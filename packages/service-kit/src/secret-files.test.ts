import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { secretFiles } from './secret-files.ts';
import { read } from './settings.ts';

const spec = {
  NAME: { describe: 'No secret.', schema: read.text() },
  KEY: { describe: 'A key.', secret: true, schema: read.text() },
  PIN: { describe: 'A number.', secret: true, optional: true, schema: read.integer(0, 9_999) },
} as const;

test('only secrets that came from files can be read again', () => {
  assert.deepEqual(Object.keys(secretFiles(spec, { NAME_FILE: '/a', KEY_FILE: '/b', PIN: '1' })), ['KEY']);
  assert.deepEqual(Object.keys(secretFiles(spec, { KEY: 'k', KEY_FILE: '', PIN_FILE: '/c' })), ['PIN']);
});

test('a secret is read as its file has it now, by the rules of its setting', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'secret-files-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'pin');
  const pin = secretFiles(spec, { PIN_FILE: path }).PIN;
  assert.ok(pin);
  await writeFile(path, '1234\n');
  assert.deepEqual(await pin(), { ok: true, value: 1234 });
  await writeFile(path, '99999');
  assert.deepEqual(await pin(), { ok: false, fault: 'PIN: must be from 0 to 9999' });
  await writeFile(path, '\n');
  assert.deepEqual(await pin(), { ok: false, fault: `PIN_FILE names a file that is empty: ${path}` });
  await rm(path);
  assert.deepEqual(await pin(), {
    ok: false,
    fault: `PIN_FILE names a file that cannot be read (ENOENT): ${path}`,
  });
});

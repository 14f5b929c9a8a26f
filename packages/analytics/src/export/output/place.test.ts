import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openFile } from './file.ts';
import { filePlace, makeFolder } from './place.ts';

async function newFolder(t: TestContext): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'whatsapp-stream-place-')));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('a folder is made with those above it, and may be there already', async (t) => {
  const path = join(await newFolder(t), 'a', 'b', 'c');
  await makeFolder(path);
  await makeFolder(path);
  assert.ok((await stat(path)).isDirectory());
});

test('a folder that cannot be made is an error at once', { timeout: 5_000 }, async (t) => {
  const file = join(await newFolder(t), 'file');
  await writeFile(file, '');
  await assert.rejects(makeFolder(file), { code: 'EEXIST' });
  await assert.rejects(makeFolder(join(file, 'below')), { code: 'ENOTDIR' });
  if (process.platform === 'linux') await assert.rejects(makeFolder('/proc/none/below'), { code: 'ENOENT' });
});

test('a file is replaced behind its links; a device is never', async (t) => {
  const folder = await newFolder(t);
  const [file, link] = [join(folder, 'one.csv'), join(folder, 'newest.csv')];
  assert.equal(await filePlace(file), file);
  await writeFile(file, '');
  await symlink(file, link);
  assert.equal(await filePlace(link), file);
  const device = join(folder, 'null.csv');
  await symlink('/dev/null', device);
  await assert.rejects(filePlace(device), {
    fault: 'unwritable',
    message: /is no file that could be replaced/,
  });
  await assert.rejects(openFile(device), { fault: 'unwritable' });
});

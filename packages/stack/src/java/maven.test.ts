import assert from 'node:assert/strict';
import { test } from 'node:test';
import { downloadedBytes } from './maven.ts';

test("the size of a finished download is read from Maven's line", () => {
  const from = 'https://repo.maven.apache.org/maven2/a/b/1/b-1.jar';
  assert.equal(downloadedBytes(`Downloaded from central: ${from} (3.1 MB at 2.0 MB/s)`), 3_100_000);
  assert.equal(downloadedBytes(`[INFO] Downloaded from central: ${from} (512 B at 10 kB/s)`), 512);
  assert.equal(downloadedBytes(`Downloading from central: ${from}`), 0);
  assert.equal(downloadedBytes('[INFO] BUILD SUCCESS'), 0);
});

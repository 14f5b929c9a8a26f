import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExportError, writeError } from './errors.ts';

const faultOf = (error: unknown) => {
  const told = writeError(error, '/data/out.csv');
  return told instanceof ExportError ? told.fault : undefined;
};

test('what Node and DuckDB say of a full disk, of rights and of a closed pipe is told apart', () => {
  const system = (code: string) => Object.assign(new Error(`${code}: something, write`), { code });
  assert.equal(faultOf(system('ENOSPC')), 'full');
  assert.equal(faultOf(system('EDQUOT')), 'full');
  assert.equal(faultOf(system('EPIPE')), 'closed');
  assert.equal(faultOf(system('EACCES')), 'unwritable');
  assert.equal(faultOf(new Error('IO Error: Could not write file "x": No space left on device')), 'full');
  assert.equal(faultOf(new Error('IO Error: Cannot open file "x": Permission denied')), 'unwritable');
});

test('another error stays as it is', () => {
  const error = new Error('no such thing');
  assert.equal(writeError(error, 'x'), error);
});

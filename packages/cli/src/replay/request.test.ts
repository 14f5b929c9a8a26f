import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DEFAULT_TOPIC_NAMES } from '@whatsapp-stream/schemas';
import { replayCommand } from './options.ts';
import { replayRequest } from './request.ts';

const { lanes } = DEFAULT_TOPIC_NAMES;

function requestOf(...args: readonly string[]) {
  const command = replayCommand().exitOverride();
  command.configureOutput({ writeErr: () => undefined });
  command.parse(['--from', '1h', ...args], { from: 'user' });
  return replayRequest(command.opts(), lanes, Date.now());
}

function faultsOf(...args: readonly string[]): string {
  const request = requestOf(...args);
  return 'faults' in request ? request.faults.join('\n') : '';
}

function formatOf(...args: readonly string[]) {
  const request = requestOf(...args);
  return 'faults' in request ? request.faults.join('\n') : request.format;
}

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'whatsapp-stream-request-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('what is not asked for is not narrowed down', () => {
  const request = requestOf();
  assert.ok(!('faults' in request));
  const { range, ...others } = request;
  // The command line was read a moment before.
  assert.ok(Math.abs(range.toMs - range.fromMs - 3_600_000) < 60_000);
  assert.deepEqual(others, {
    topic: 'status',
    where: {},
    format: 'ndjson',
    out: null,
    states: false,
    overwrite: false,
    personalData: false,
    listSkipped: false,
    notes: [],
  });
});

test('values come separated by commas, or repeated', () => {
  const request = requestOf(
    '--status',
    'read,DELIVERED',
    '--lane',
    'otp',
    '--lane',
    'marketing',
    '-m',
    'a,b',
  );
  assert.ok(!('faults' in request));
  assert.deepEqual(request.where, {
    status: ['READ', 'DELIVERED'],
    lane: ['otp', 'marketing'],
    messageId: ['a', 'b'],
  });
});

test('an unknown status or lane, and nothing where something is named, tell the choices', () => {
  assert.match(faultsOf('--status', 'SEEN'), /^SEEN is no status: there are ATTEMPTED, .*UNKNOWN$/);
  assert.match(faultsOf('--lane', 'fast'), /^fast is no lane: there are otp, transactional, marketing$/);
  for (const name of ['--status', '--lane', '--message-id'])
    assert.equal(faultsOf(name, ','), `${name} names nothing`);
  assert.equal(faultsOf('--out', ''), '--out names nothing');
});

test('that callbacks are left out is said where it happens', () => {
  const notesOf = (...args: readonly string[]) => {
    const request = requestOf(...args);
    return 'faults' in request ? request.faults : request.notes;
  };
  const [note, ...more] = notesOf('--lane', 'otp', '--source', 'shop');
  assert.match(note ?? '', /--lane and --source leave out SENT, DELIVERED/);
  assert.deepEqual(more, []);
  assert.deepEqual(notesOf('--lane', 'otp', '--states'), []);
  assert.deepEqual(notesOf('--lane', 'otp', '--topic', 'send'), []);
});

test('an unknown format or topic, and what is no time, tell the choices', () => {
  assert.throws(() => requestOf('--format', 'xml'), /Allowed choices are ndjson, csv, parquet/);
  assert.throws(() => requestOf('--topic', 'all'), /Allowed choices are status, send/);
  assert.throws(() => requestOf('--to', 'tomorrow'), /It must be like/);
});

test('a range in the future and a reversed one are faults', () => {
  assert.match(faultsOf('--from', '2099-01-01'), /--from is in the future/);
  assert.match(faultsOf('--to', '2h'), /must be later than --from/);
});

test('the format is what is said, else as the output ends', (t) => {
  const folder = newFolder(t);
  assert.equal(formatOf('--out', 'a.ndjson'), 'ndjson');
  assert.equal(formatOf('--out', 'a.CSV'), 'csv');
  assert.equal(formatOf('--out', 'a.csv', '--format', 'ndjson'), 'ndjson');
  assert.equal(formatOf('--out', 'days/'), 'parquet');
  assert.equal(formatOf('--out', folder), 'parquet');
  assert.equal(formatOf('--states', '--out', 'a.parquet'), 'parquet');
  assert.match(formatOf('--out', 'events'), /^what is events to be\? Say --format ndjson, csv, parquet/);
});

test('what cannot be written where it should be is a fault', (t) => {
  const folder = newFolder(t);
  const file = join(folder, 'file');
  writeFileSync(file, '');
  assert.match(faultsOf('--format', 'parquet'), /cannot be written to stdout/);
  assert.match(faultsOf('--format', 'csv', '--out', folder), /is a folder: csv is written to a file/);
  assert.match(faultsOf('--format', 'parquet', '--out', file), /is a file: Parquet is written to a folder/);
  assert.match(faultsOf('--states', '--format', 'parquet', '--out', folder), /states are written to a file/);
});

test('options that do not go together say so', () => {
  assert.match(faultsOf('--topic', 'send', '--status', 'READ'), /--status speaks of status events/);
  assert.match(faultsOf('--topic', 'send', '--states'), /--states speaks of status events/);
  assert.match(faultsOf('--personal-data'), /goes with --topic send/);
  assert.match(faultsOf('--overwrite', '--out', 'a.csv'), /files are replaced anyway/);
});

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { carve } from './carve.ts';
import { arrivalOf } from './row.ts';
import { arrivals, openStore } from './test-support.ts';

/**
 * Files as a killed process leaves them, then damaged. Nothing is doubled. What is expected is told by the damaged
 * bytes themselves: every row of which they hold one whole copy must be there again, and no other.
 */
const KEPT = arrivals(0, 1_500);
const SESSIONS = new Set(KEPT.map(({ callback }) => callback.sessionId));

interface Image {
  readonly database: Buffer;
  readonly wal: Buffer;
}

function inFolder<T>(work: (dir: string) => T): T {
  const dir = mkdtempSync(join(tmpdir(), 'spool-damage-'));
  try {
    return work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Read while the spool is open; the first rows are in the database, the last ones in the log alone. */
const whole: Image = inFolder((dir) => {
  const first = openStore(dir);
  for (let i = 0; i < 1_000; i += 50) first.keepAll(KEPT.slice(i, i + 50));
  first.close();
  const store = openStore(dir);
  for (let i = 1_000; i < KEPT.length; i += 50) store.keepAll(KEPT.slice(i, i + 50));
  const database = readFileSync(join(dir, 'spool.db'));
  const image = { database, wal: readFileSync(join(dir, 'spool.db-wal')) };
  store.close();
  return image;
});

function sessionsIn(bytes: Buffer): readonly string[] {
  return carve(bytes).flatMap((row) => arrivalOf(row)?.callback.sessionId ?? []);
}

/** Opens the damaged files and looks at all that can be seen of it. */
function check({ database, wal }: Image) {
  return inFolder((dir) => {
    writeFileSync(join(dir, 'spool.db'), database);
    writeFileSync(join(dir, 'spool.db-wal'), wal);
    const store = openStore(dir);
    const found = new Set(store.sessions());
    const expected = new Set([...sessionsIn(database), ...sessionsIn(wal)]);
    const lost = expected.difference(found);
    assert.deepEqual([...lost], [], 'lost though intact');
    assert.deepEqual([...found.difference(SESSIONS)], [], 'invented');
    assert.equal(store.keepAll(arrivals(5_000, 1)), 'kept');
    assert.equal(store.state().trouble, null);
    store.close();
    const setAside = readdirSync(dir).filter((name) => name.startsWith('damaged-'));
    assert.ok(setAside.every((name) => !name.endsWith('.unrecovered')));
    return { found: found.size, setAside: setAside.length, notices: store.notices };
  });
}

function overwritten(bytes: Buffer, at: number, damage: Uint8Array): Buffer {
  const changed = Buffer.from(bytes);
  changed.set(damage.subarray(0, Math.max(changed.length - at, 0)), Math.min(at, changed.length));
  return changed;
}

const zeros = new Uint8Array(100);

test('files that a killed process left are no damage', () => {
  assert.deepEqual(check(whole), { found: 1_500, setAside: 0, notices: [] });
});

test('a damaged header costs no row', () => {
  const database = overwritten(whole.database, 0, zeros);
  const { found, setAside } = check({ database, wal: Buffer.alloc(0) });
  assert.equal(found, 1_000);
  assert.equal(setAside, 1);
  // The log has a sound copy of that page.
  assert.equal(check({ ...whole, database }).found, 1_500);
});

test('a damaged number of the version is not taken for a newer version', () => {
  const version = overwritten(whole.database, 63, Uint8Array.of(2));
  assert.equal(check({ database: version, wal: Buffer.alloc(0) }).setAside, 1);
});

test('a page that was overwritten in the middle costs the rows of that page alone', () => {
  const noise = Buffer.alloc(4_096, 0xa5);
  const { found } = check({ ...whole, database: overwritten(whole.database, 20 * 4_096, noise) });
  assert.ok(found > 1_450, `only ${found}`);
});

test('a log that is damaged at its beginning or in its middle costs no transaction that comes after', () => {
  for (const at of [0, 40, 4_200, Math.floor(whole.wal.length / 2)]) {
    const { found, setAside } = check({ ...whole, wal: overwritten(whole.wal, at, zeros.subarray(0, 8)) });
    assert.ok(found > 1_490, `only ${found}`);
    assert.ok(setAside > 0);
  }
});

test('truncated files give what is left of them', () => {
  const half = (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length / 2) + 77);
  check({ ...whole, database: half(whole.database) });
  check({ ...whole, wal: half(whole.wal) });
});

test('an empty database beside a log, and two empty files, are begun anew; the log is recovered', () => {
  assert.ok(check({ ...whole, database: Buffer.alloc(0) }).found >= 500);
  assert.deepEqual(check({ database: Buffer.alloc(0), wal: Buffer.alloc(0) }).setAside, 0);
});

test('a file of garbage is set aside', () => {
  const garbage = Buffer.alloc(100_000, 'no database of any kind ');
  assert.equal(check({ database: garbage, wal: Buffer.alloc(0) }).setAside, 1);
});

test('recovery that a crash cuts short is done again at the next start', () =>
  inFolder((dir) => {
    writeFileSync(join(dir, 'damaged-2026-01-01T00-00-00.000Z.db.unrecovered'), whole.database);
    writeFileSync(join(dir, 'damaged-2026-01-01T00-00-00.000Z.db-wal.unrecovered.partial'), 'half a copy');
    const store = openStore(dir);
    assert.ok(store.sessions().length >= 1_000);
    store.close();
    assert.deepEqual(
      readdirSync(dir).filter((name) => name.startsWith('damaged')),
      ['damaged-2026-01-01T00-00-00.000Z.db'],
    );
  }));

test('damage of any bytes anywhere: opening never fails, every intact row is there, none is invented', () => {
  const damage = fc.record({
    file: fc.constantFrom('database', 'wal'),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }),
  });
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), (damages) => {
      let image = whole;
      for (const { file, at, bytes } of damages) {
        const before = file === 'wal' ? image.wal : image.database;
        const after = overwritten(before, Math.floor(at * before.length), bytes);
        image = file === 'wal' ? { ...image, wal: after } : { ...image, database: after };
      }
      check(image);
    }),
    { numRuns: 60 },
  );
});

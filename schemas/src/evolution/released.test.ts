/** The present schemas, and those of all releases, against each other. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { SCHEMA_TEXTS } from '../schema-texts.ts';
import type { EventName } from '../topics.ts';
import { BREAKING, changedSchema, HARMLESS } from './changes.ts';
import { faultsBetween } from './judge.ts';
import { releasedSchemas, releasedSums, sumOf } from './released.ts';

const EVENTS: readonly EventName[] = ['SendRequest', 'StatusEvent'];

for (const event of EVENTS) {
  test(`${event} as it is now, and as it was in each release, can be read as each other`, () => {
    const versions = releasedSchemas(event).map(({ file, text }) => ({ name: file, text }));
    assert.ok(versions.length > 0);
    const all = [...versions, { name: 'the present schema', text: SCHEMA_TEXTS[event] }];
    for (const [i, one] of all.entries()) {
      for (const other of all.slice(i + 1)) {
        assert.deepEqual(faultsBetween(one.text, other.text), [], `${one.name} and ${other.name}`);
      }
    }
  });

  test(`every enum of ${event} can grow: it has its default on the type`, () => {
    const enums = SCHEMA_TEXTS[event].match(/\{"type":"enum"[^}]*\}/g) ?? [];
    assert.ok(enums.length > 0);
    for (const text of enums) assert.ok(JSON.parse(text).default, text);
  });
}

test('what was released never changes and never goes', () => {
  const present = EVENTS.flatMap(releasedSchemas).map(sumOf);
  assert.deepEqual(present.toSorted(), releasedSums().toSorted());
});

test('no event is left out', () => {
  assert.equal(readdirSync(new URL('../../avro/', import.meta.url)).length, EVENTS.length);
});

for (const change of HARMLESS) {
  test(`${change.name} is no fault`, () => {
    assert.deepEqual(faultsBetween(changedSchema(change), SCHEMA_TEXTS[change.event]), []);
  });
}

for (const change of BREAKING) {
  test(`${change.name} is a fault, whichever came first`, () => {
    const [before, after] = [SCHEMA_TEXTS[change.event], changedSchema(change)];
    assert.notDeepEqual(faultsBetween(before, after), []);
    assert.notDeepEqual(faultsBetween(after, before), []);
  });
}

test('another logical type is a fault, though Avro has nothing against it', () => {
  for (const [field, pattern, replacement] of [
    ['.occurred_at', /(?<="occurred_at".{0,40})timestamp-millis/, 'timestamp-micros'],
    ['.retry_at', /(?<="retry_at".{0,40}),"logicalType":"timestamp-millis"/, ''],
  ] as const) {
    const changed = changedSchema({ name: field, event: 'StatusEvent', edits: [[pattern, replacement]] });
    const faults = faultsBetween(SCHEMA_TEXTS.StatusEvent, changed);
    assert.equal(faults.length, 1);
    assert.ok(faults[0]?.startsWith(field), faults[0]);
  }
});

test('what is no schema is a fault', () => {
  assert.notDeepEqual(faultsBetween(SCHEMA_TEXTS.StatusEvent, '{"type":"object"}'), []);
});

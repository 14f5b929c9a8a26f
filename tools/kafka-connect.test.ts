/** The connectors of `docs/kafka-connect.md` against the topic and the layout that they are to write. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EVENT_COLUMNS } from '../packages/analytics/src/layout.ts';
import { DEFAULT_TOPIC_NAMES, newStatusEvent } from '../schemas/src/index.ts';

const page = readFileSync(new URL('../docs/kafka-connect.md', import.meta.url), 'utf8');
const connectors = [...page.matchAll(/^```json\n(.*?)^```$/gms)].map(
  ([, json]): Readonly<Record<string, unknown>> => JSON.parse(json ?? ''),
);
const event = newStatusEvent({ event_id: 'e', status: 'SENT', origin: 'CALLBACK', occurred_at: 0 });
const coordinates = Object.keys(EVENT_COLUMNS).filter((column) => !(column in event));

test('each connector reads the status topic, and gives records the columns that ours have beside the event', () => {
  assert.equal(connectors.length, 2);
  for (const connector of connectors) {
    assert.equal(connector['topics'], DEFAULT_TOPIC_NAMES.status);
    const added = ['timestamp', 'partition', 'offset'].map(
      (what) => connector[`transforms.coordinates.${what}.field`],
    );
    assert.deepEqual(added.toSorted(), coordinates.toSorted());
    assert.ok(Object.values(connector).every((value) => typeof value === 'string'));
  }
});

test('Parquet lies in a folder for each day of UTC', () => {
  const [s3] = connectors;
  assert.equal(s3?.['path.format'], "'day'=yyyy-MM-dd");
  assert.equal(s3['timezone'], 'UTC');
  assert.equal(s3['timestamp.extractor'], 'Record');
  assert.equal(Number(s3['partition.duration.ms']), 24 * 60 * 60 * 1000);
});

test('the Iceberg table has all columns, in our order', () => {
  const [, columns = ''] = /CREATE TABLE \S+ \((.*?)\n\) USING iceberg/s.exec(page) ?? [];
  const names = columns.split(/,(?![^<]*>)/).map((column) => column.trim().split(' ', 1)[0]);
  assert.deepEqual(names, Object.keys(EVENT_COLUMNS));
});

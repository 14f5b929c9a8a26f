import assert from 'node:assert/strict';
import { test } from 'node:test';
import { laneLegend } from './lanes.ts';

test('lanes have their order and colour whatever the order in which they occur', () => {
  const { series } = laneLegend(['marketing', null, 'otp', 'alerts', 'otp']);
  assert.deepEqual(series, [
    { name: 'otp', colour: 'var(--lane-1)' },
    { name: 'marketing', colour: 'var(--lane-2)' },
    { name: 'alerts', colour: 'var(--lane-3)' },
    { name: 'not known', colour: 'var(--lane-unknown)' },
  ]);
});

test('more lanes than can be told apart are one series', () => {
  const { series, seriesOf } = laneLegend(['a', 'b', 'c', 'd', 'e', 'f']);
  assert.deepEqual(
    series.map(({ name }) => name),
    ['a', 'b', 'c', 'd', 'other lanes'],
  );
  assert.deepEqual(['a', 'f', null].map(seriesOf), ['a', 'other lanes', 'not known']);
});

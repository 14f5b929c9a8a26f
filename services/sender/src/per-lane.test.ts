import assert from 'node:assert/strict';
import { test } from 'node:test';
import { perLaneMs } from './per-lane.ts';

const schema = perLaneMs(100, 60_000);

test('one time holds for all lanes, but for those that have one of their own', () => {
  const one = schema.parse('30000');
  assert.deepEqual([one.of('otp'), one.named], [30_000, []]);
  const some = schema.parse('30000,otp:20000,marketing:100');
  assert.deepEqual([some.of('otp'), some.of('marketing'), some.of('other')], [20_000, 100, 30_000]);
  assert.deepEqual(some.named, ['otp', 'marketing']);
});

test('nonsense is told apart', () => {
  const faultOf = (text: string) => schema.safeParse(text).error?.issues.map(({ message }) => message);
  for (const text of ['', 'x', '1e3', 'otp:200', '300,otp', '300,otp:', '300, otp:300', '300,otp:-1']) {
    assert.deepEqual(
      faultOf(text),
      ['must be a time in ms, then those of single lanes, as 30000,otp:20000'],
      text,
    );
  }
  assert.deepEqual(faultOf('300,otp:300,otp:400'), ['names a lane twice']);
  for (const text of ['99', '300,otp:99', '300,otp:60001'])
    assert.deepEqual(faultOf(text), ['must be from 100 to 60000'], text);
});

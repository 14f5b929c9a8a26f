import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandError } from './command.ts';
import { ofMessage } from './of-message.ts';

const UUID = '2f1c9c0e-8a53-4b7e-9d4e-0a6c1f5f7a10';

test('a whole id fits its message alone', () => {
  for (const id of [UUID, 'order-7']) {
    const fits = ofMessage(id);
    assert.ok(fits({ message_id: id }));
    for (const other of [null, `${id}-1`, id.slice(0, 5)]) assert.ok(!fits({ message_id: other }));
  }
});

test('the first eight characters of a UUID fit the one message that begins with them', () => {
  const fits = ofMessage('2f1c9c0e');
  assert.ok(fits({ message_id: UUID }));
  assert.ok(!fits({ message_id: '2f1c9c0f-8a53-4b7e-9d4e-0a6c1f5f7a10' }));
  assert.ok(fits({ message_id: UUID }));
});

test('a second message that fits is an error that names both', () => {
  const fits = ofMessage('2f1c9c0e');
  fits({ message_id: UUID });
  assert.throws(
    () => fits({ message_id: '2f1c9c0e-0000-4b7e-9d4e-0a6c1f5f7a10' }),
    (error) => error instanceof CommandError && error.exitCode === 64 && error.message.includes(UUID),
  );
});

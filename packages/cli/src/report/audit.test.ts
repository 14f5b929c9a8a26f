import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OpenMessage, zoneClock } from '@whatsapp-stream/analytics';
import { jsonLine, textLine } from './audit.ts';

const AT = Date.UTC(2026, 10, 2, 5);
const MESSAGE: OpenMessage = {
  messageId: 'order-1',
  sessionId: null,
  lane: 'otp',
  source: 'shop\u001b[31m',
  templateName: null,
  status: 'SENT',
  firstEventAtMs: AT - 1_000,
  lastEventAtMs: AT,
};

test('a message is a line in the zone that was asked for, and steers no terminal', () => {
  assert.equal(
    textLine(MESSAGE, AT + 7_800_000, zoneClock('Asia/Jakarta')),
    '2026-11-02 12:00:00     2 h 10 min  SENT       otp            order-1  shop [31m',
  );
});

test('a session without its message is shown as one', () => {
  const session = { ...MESSAGE, messageId: null, sessionId: 's-1', lane: null, source: null };
  assert.match(textLine(session, AT, zoneClock('UTC')), / – +session s-1$/);
});

test('as JSON its fields have their names on the wire', () => {
  assert.deepEqual(JSON.parse(jsonLine(MESSAGE)), {
    message_id: 'order-1',
    session_id: null,
    lane: 'otp',
    source: 'shop\u001b[31m',
    template_name: null,
    status: 'SENT',
    first_event_at: AT - 1_000,
    last_event_at: AT,
  });
});

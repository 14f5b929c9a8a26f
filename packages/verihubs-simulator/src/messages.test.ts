import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestEvent } from './events.ts';
import { fingerprint } from './identity.ts';
import { takenMessages } from './messages.ts';

const taken = (sessionId: string, print: string): RequestEvent => ({
  type: 'request',
  seq: 1,
  receivedMs: 0,
  at: '',
  status: 201,
  taken: true,
  withinLimit: true,
  reason: 'taken',
  sessionId,
  fingerprint: print,
  msisdnHash: '',
  msisdn: null,
  templateName: 't',
  callbackUrl: null,
});

test('messages that were taken again are counted, and how often', () => {
  const messages = takenMessages(10);
  for (const [index, print] of ['a', 'b', 'a', 'c', 'a', 'c'].entries())
    messages.add(taken(`s${index}`, print), []);
  assert.deepEqual(messages.duplicates(), { messages: 2, extraTakings: 3 });
});

test('what is forgotten is no longer a duplicate of anything', () => {
  const messages = takenMessages(2);
  for (const [index, print] of ['a', 'a', 'b', 'a'].entries()) messages.add(taken(`s${index}`, print), []);
  assert.deepEqual(messages.duplicates(), { messages: 0, extraTakings: 0 });
  assert.equal(messages.forgotten(), 2);
  assert.deepEqual(
    messages.list().map((message) => message.sessionId),
    ['s2', 's3'],
  );
});

test('the fingerprint tells messages apart by number, template and content, and ignores absent parts', () => {
  const base = { msisdn: '6281', template_name: 't', lang_code: 'id', content: { body_params: ['1'] } };
  const others = [
    { ...base, msisdn: '6282' },
    { ...base, template_name: 'u' },
    { ...base, lang_code: 'en' },
    { ...base, content: { body_params: ['1', ''] } },
    { ...base, content: { header_params: ['1'] } },
    { ...base, content: { body_params: ['1'], button_param: { url_param: 'x' } } },
  ];
  assert.equal(new Set([base, ...others].map(fingerprint)).size, 7);
  assert.equal(fingerprint({ ...base, content: { ...base.content } }), fingerprint(base));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type NewTemplate, newSendRequest, newTemplate } from '@whatsapp-stream/schemas';
import { sendMessageRequest } from './verihubs.ts';

const CREDENTIALS = { appId: 'the-app', apiKey: 'the-key' };
const CALLBACK_URL = 'https://callbacks.example/callbacks/token';

function requestWith(more: Partial<NewTemplate>) {
  const template = newTemplate({ name: 'otp_login', lang_code: 'id', ...more });
  const request = newSendRequest({ message_id: 'm', msisdn: '628001', template, requested_at: 0 });
  return sendMessageRequest(request, CALLBACK_URL, CREDENTIALS);
}

function contentWith(more: Partial<NewTemplate>): unknown {
  return JSON.parse(requestWith(more).body).content;
}

test('a message is sent as Verihubs documents it', () => {
  const { path, headers, body } = requestWith({
    header_params: ['h'],
    body_params: ['123456', 'b'],
    button_url_param: 'u',
  });
  assert.equal(path, '/v2/whatsapp/message/send');
  assert.deepEqual(headers, {
    'App-ID': 'the-app',
    'API-Key': 'the-key',
    accept: 'application/json',
    'content-type': 'application/json',
  });
  assert.deepEqual(JSON.parse(body), {
    msisdn: '628001',
    template_name: 'otp_login',
    lang_code: 'id',
    content: { header_params: ['h'], body_params: ['123456', 'b'], button_param: { url_param: 'u' } },
    callback_url: CALLBACK_URL,
  });
});

test('parts of the content that are not used are left out', () => {
  assert.deepEqual(contentWith({}), {});
  assert.deepEqual(contentWith({ header_params: ['h'] }), { header_params: ['h'] });
  assert.deepEqual(contentWith({ body_params: ['b'] }), { body_params: ['b'] });
  assert.deepEqual(contentWith({ button_url_param: 'u' }), { button_param: { url_param: 'u' } });
});

test('a message without a template is a fault of ours, told without the number', () => {
  const request = newSendRequest({ message_id: 'm', msisdn: '628001', requested_at: 0 });
  assert.throws(
    () => sendMessageRequest(request, CALLBACK_URL, CREDENTIALS),
    ({ message }: Error) => /template/.test(message) && !message.includes('628001'),
  );
});

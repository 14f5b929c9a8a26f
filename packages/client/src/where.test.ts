import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  foldEvents,
  newSendRequest,
  newStatusEvent,
  newTemplate,
  type Status,
} from '@whatsapp-stream/schemas';
import { faultsOfWhere, wantedEvents, wantedRequests, wantedStates } from './where.ts';

const event = newStatusEvent({
  event_id: 'e',
  status: 'SENT',
  origin: 'SENDER',
  occurred_at: 0,
  message_id: 'm',
  lane: 'otp',
  source: 'shop',
});

test('everything is wanted of which nothing is said', () => {
  assert.equal(wantedEvents()(event), true);
});

test('every fact that is named must be one of those named; lanes go by name or topic', () => {
  assert.equal(wantedEvents({ status: ['READ', 'SENT'], lane: ['whatsapp.send.otp'] })(event), true);
  assert.equal(wantedEvents({ lane: ['otp'], source: ['shop'], messageId: ['m', 'n'] })(event), true);
  assert.equal(wantedEvents({ status: ['SENT'], source: ['other'] })(event), false);
  assert.equal(wantedEvents({ template: ['t'] })(event), false, 'a fact that is not known is none of those');
  assert.equal(wantedEvents({ status: [] })(event), false);
});

test('a state knows what any of its events knew', () => {
  const callback = { ...event, event_id: 'f', status: 'READ' as const, lane: null };
  const state = foldEvents([event, callback]);
  assert.equal(wantedEvents({ lane: ['otp'] })(callback), false);
  assert.equal(state && wantedStates({ lane: ['otp'], status: ['READ'] })(state), true);
});

test('of a request, status and lane do not apply', () => {
  const template = newTemplate({ name: 't', lang_code: 'id' });
  const request = newSendRequest({
    message_id: 'm',
    msisdn: '628001',
    template,
    requested_at: 0,
    source: 'shop',
  });
  assert.equal(wantedRequests({ status: ['READ'], lane: ['otp'], template: ['t'] })(request), true);
  assert.equal(wantedRequests({ template: ['u'] })(request), false);
});

test('a status or lane that does not exist is told with those that do', () => {
  const lanes = ['whatsapp.send.otp', 'whatsapp.send.marketing'];
  const faults = faultsOfWhere(
    { status: ['SENT', 'SEEN' as Status], lane: ['otp', 'whatsapp.send.bulk'] },
    lanes,
  );
  assert.match(faults[0] ?? '', /no status SEEN; there are .*DELIVERED/);
  assert.deepEqual(faults.slice(1), ['there is no lane whatsapp.send.bulk; there are otp, marketing']);
  assert.deepEqual(faultsOfWhere({}, lanes), []);
});

test('a text in place of a list, and a fact that there is not, are no filter that lets nothing or everything through', () => {
  const [typo = '', ...more] = faultsOfWhere(JSON.parse('{"source":"shop","sources":["shop"]}'), []);
  assert.match(typo, /"where.sources" is not known: it has status, lane, source, template, messageId/);
  assert.deepEqual(more, ['where.source must be an array of strings']);
});

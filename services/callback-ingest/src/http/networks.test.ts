import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networksSchema } from './networks.ts';

const networks = (text: string) => networksSchema.parse(text);

test('addresses and networks of both families are recognised, and their neighbours are not', () => {
  const list = networks('203.0.113.7, 198.51.100.0/24,2001:db8::/32,192.0.2.200/25');
  for (const inside of [
    '203.0.113.7',
    '198.51.100.0',
    '198.51.100.255',
    '192.0.2.128',
    '2001:db8::',
    '2001:DB8:ffff::1',
  ]) {
    assert.equal(list.has(inside), true, inside);
  }
  for (const outside of [
    '203.0.113.6',
    '198.51.101.0',
    '192.0.2.127',
    '2001:db9::',
    '::203.0.113.7',
    '::1',
  ]) {
    assert.equal(list.has(outside), false, outside);
  }
});

test('IPv4 written as IPv6 is IPv4, on either side', () => {
  const list = networks('203.0.113.0/24');
  for (const address of ['::ffff:203.0.113.7', '::ffff:cb00:7107', '0:0:0:0:0:FFFF:203.0.113.7']) {
    assert.equal(list.has(address), true, address);
  }
  assert.equal(list.has('::ffff:203.0.114.7'), false);
  assert.equal(networks('::ffff:203.0.113.0/120').has('203.0.113.7'), true);
  assert.equal(networks('2001:db8::/32').has('203.0.113.7'), false);
});

test('a port and a zone are passed over', () => {
  const list = networks('203.0.113.7,2001:db8::1,fe80::/10');
  for (const address of [
    '203.0.113.7:51234',
    '[2001:db8::1]:443',
    '[2001:db8::1]',
    'fe80::1%eth0',
    '[fe80::1%eth0]:1',
  ]) {
    assert.equal(list.has(address), true, address);
  }
});

test('what is no address is in no network, not even in that of all', () => {
  const list = networks('0.0.0.0/0,::/0');
  assert.ok(list.has('8.8.8.8') && list.has('2001:db8::1'));
  for (const nonsense of [
    '',
    ' ',
    'unknown',
    '_hidden',
    '203.0.113',
    '0203.0.113.7',
    '203.0.113.7/8',
    '203.0.113.7:',
    '203.0.113.7:port',
    '203.0.113.7:999999',
    '2001:db8::1]:443',
    '[2001:db8::1',
    '[]',
    '%eth0',
    'for=203.0.113.7',
    '203.0.113.7\r\n',
    '２０３.0.113.7',
  ]) {
    assert.equal(list.has(nonsense), false, JSON.stringify(nonsense));
  }
});

test('what is no address or network is a fault that names it', () => {
  for (const text of [
    '',
    ',',
    '203.0.113.7/33',
    '::/129',
    '203.0.113.7/',
    '1.2.3.4/8/8',
    'host',
    'fe80::1%e',
  ]) {
    const result = networksSchema.safeParse(text);
    assert.ok(!result.success, text);
    assert.match(result.error.issues[0]?.message ?? '', /is no address or network$/);
  }
});

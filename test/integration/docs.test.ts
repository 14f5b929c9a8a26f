/** What the documents of the client library and of the topics show, run and judged. */
import assert from 'node:assert/strict';
import { fingerprint } from '@whatsapp-stream/verihubs-simulator';
import { type Judge, objectsIn, reached, testPrograms } from '../support/document-programs.ts';

const judges: Readonly<Record<string, Judge>> = {
  'README.md › Publish (ts)': {
    judge: (_, system) => reached(system, 'READ', 'login-1b7d'),
  },
  'README.md › Subscribe (ts)': {
    isEnough: (stdout) => /^login-1b7d READ true$/m.test(stdout),
    judge: ({ stderr }) => assert.equal(stderr, ''),
  },
  'docs/publishers.md › Your first message (ts)': {
    async judge({ stdout, stderr }, system) {
      assert.match(stdout, /^login-4c81 lies in \S+\.otp, at [0-5]\/\d+$/m);
      assert.match(stderr, /nothing was published: .*message_?id.*; .*msisdn.*; .*template/i);
      const campaign = ['sale-november-0', 'sale-november-1', 'sale-november-2'];
      await reached(system, 'READ', ...campaign);
      await reached(system, 'ACCEPTED', 'login-4c81', 'order-8812-shipped');
      const order = { template_name: 'order_update', lang_code: 'id', content: { body_params: ['8812'] } };
      const taken = system.verihubs.control.messages().map(({ fingerprint }) => fingerprint);
      assert.ok(taken.includes(fingerprint({ msisdn: '6281234567890', ...order })));
    },
  },
  'docs/publishers.md › See where it went (sh)': {
    judge: ({ stdout }) => assert.match(stdout, /ACCEPTED/),
  },
  'docs/publishers.md › In other languages (sh)': {
    judge: (_, system) => reached(system, 'READ', 'login-4c82', 'login-4c83'),
  },
  'docs/subscribers.md › Follow your messages (ts)': {
    isEnough: (stdout) => /^login-4c81 is (DELIVERED|READ), and that is the end$/m.test(stdout),
    judge: ({ stdout }) => assert.doesNotMatch(stdout, /login-4c82/, 'it is of another source'),
  },
  'docs/subscribers.md › Events instead (ts)': {
    isEnough: (stdout) => ['ATTEMPTED', 'ACCEPTED', 'READ'].every((s) => stdout.includes(`login-4c83 ${s}`)),
    judge({ stdout }) {
      const told = stdout.trimEnd().split('\n');
      assert.equal(new Set(told).size, told.length);
    },
  },
  'docs/subscribers.md › Positions (ts)': {
    judge: ({ stdout }) => assert.match(stdout, /'ACCEPTED' => \d+/),
  },
  'docs/subscribers.md › In other languages (sh)': {
    judge({ stdout }) {
      const events = objectsIn(stdout);
      assert.equal(events.length, 3);
      for (const { event_id, status } of events) assert.ok(event_id && status);
    },
  },
  'packages/client/README.md › Publish (ts)': {
    async judge({ stdout }, system) {
      assert.match(stdout, /^login-7f3a is in \S+\.otp, [0-5]@\d+$/m);
      await reached(system, 'READ', 'login-7f3a');
    },
  },
  'packages/client/README.md › Subscribe (ts)': {
    isEnough: (stdout) => /^login-7f3a READ is how it ended$/m.test(stdout),
    judge: ({ stdout }) => assert.doesNotMatch(stdout, /login-4c81/, 'it is of another source'),
  },
  'packages/client/README.md › Replay (ts)': {
    judge: ({ stdout }) => assert.match(stdout, /^9 messages$/m),
  },
};

await testPrograms({
  documents: ['README.md', 'docs/publishers.md', 'docs/subscribers.md', 'packages/client/README.md'],
  notRun: [
    'README.md › Try it (sh)',
    'README.md › Replay and report (sh)',
    'docs/subscribers.md › Positions (sh)',
  ],
  judges,
});

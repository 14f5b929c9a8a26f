/** What docs/analysts.md shows, run and judged; its commands take a few seconds each. */
import assert from 'node:assert/strict';
import type { NewMessage } from '@whatsapp-stream/client';
import { type Judge, objectsIn, reached, testPrograms } from '../support/document-programs.ts';

/** So many messages of each lane, all of them read in the end. */
const MESSAGES = { otp: 3, transactional: 1, marketing: 3 };

const messages: readonly (NewMessage & { readonly messageId: string })[] = Object.entries(MESSAGES).flatMap(
  ([lane, count]) =>
    Array.from({ length: count }, (_, i) => ({
      lane,
      messageId: lane === 'otp' && i === 0 ? 'login-4c81' : `${lane}-${i}`,
      source: lane === 'otp' ? 'login' : 'shop',
      msisdn: '628001',
      template: { name: 'otp_login', langCode: 'id', bodyParams: [`${i}`] },
    })),
);

const judges: Readonly<Record<string, Judge>> = {
  'docs/analysts.md › Write a time range to files (sh)': {
    judge({ stdout }) {
      const events = objectsIn(stdout);
      assert.equal(events.length, 3);
      for (const { source } of events) assert.equal(source, 'login');
    },
  },
  'docs/analysts.md › How far messages come (sql)': {
    judge({ stdout }) {
      const [marketing, otp, transactional] = objectsIn(stdout);
      const campaign = {
        lane: 'marketing',
        messages: '3',
        accepted: '3',
        delivered: '3',
        read: '3',
        charged: '3',
      };
      assert.deepEqual(marketing, campaign);
      assert.partialDeepStrictEqual(otp, { lane: 'otp', messages: '3' });
      assert.partialDeepStrictEqual(transactional, { lane: 'transactional', messages: '1' });
    },
  },
  'docs/analysts.md › Why messages fail (sql)': {
    judge: ({ stdout }) => assert.equal(stdout, ''),
  },
  'docs/analysts.md › How long it takes (sql)': {
    judge({ stdout }) {
      const [marketing] = objectsIn(stdout);
      const { p50_ms, p95_ms } = marketing ?? {};
      assert.ok(Number(p50_ms) > 0 && Number(p95_ms) >= Number(p50_ms), stdout);
    },
  },
  'docs/analysts.md › Events of a day (sql)': {
    judge({ stdout }) {
      const attempted = objectsIn(stdout).filter(({ status }) => status === 'ATTEMPTED');
      assert.equal(
        attempted.reduce((sum, { events }) => sum + Number(events), 0),
        7,
        stdout,
      );
    },
  },
  'docs/analysts.md › One journey (sql)': {
    judge({ stdout }) {
      const statuses = objectsIn(stdout).map(({ status }) => status);
      assert.deepEqual(statuses.slice(0, 2), ['ATTEMPTED', 'ACCEPTED']);
    },
  },
  'docs/analysts.md › The report (sh)': {
    judge: ({ stdout, stderr }) => assert.match(stdout + stderr, /report\.html/),
  },
  'docs/analysts.md › The audit (sh)': {
    judge: ({ stdout }) => assert.equal(stdout, ''),
  },
  'docs/analysts.md › Requests, and personal data (sh)': {
    judge: ({ stderr }) => assert.match(stderr, /^7 /m),
  },
};

await testPrograms({
  documents: ['docs/analysts.md'],
  notRun: [],
  judges,
  async prepare(system) {
    await system.publisher.sendMany(messages);
    await reached(system, 'READ', ...messages.map(({ messageId }) => messageId));
  },
});

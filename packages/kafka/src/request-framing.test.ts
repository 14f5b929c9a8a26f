import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { libraryModule } from './library-module.ts';
import { frameRequest, type RequestToFrame } from './request-framing.ts';

interface Framed {
  readonly buffer: Buffer;
}

// What kafkajs would write itself: it is not replaced here.
const theirs = libraryModule<(request: RequestToFrame) => Promise<Framed>>('protocol/request');
const Encoder = libraryModule<new () => Framed & { writeBuffer(bytes: Buffer): Framed }>('protocol/encoder');

test('requests get the head that kafkajs would give them', async () => {
  for (const length of [0, 1, 600, 40_000]) {
    const payload = new Encoder().writeBuffer(randomBytes(length));
    const request = { apiKey: 3, apiVersion: 6, encode: async () => payload };
    const toFrame = { correlationId: 70_000 + length, clientId: 'клиент', request };
    assert.deepEqual((await frameRequest(toFrame)).buffer, (await theirs(toFrame)).buffer);
  }
});

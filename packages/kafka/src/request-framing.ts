import { replaceLibraryModule } from './library-module.ts';

/** What kafkajs asks to be sent, and what its answer will name it by. */
export interface RequestToFrame {
  readonly correlationId: number;
  readonly clientId: string;
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    encode(): Promise<{ readonly buffer: Buffer }>;
  };
}

const LENGTH_BYTES = 4;
const HEAD_BYTES = 14;

/**
 * kafkajs 2.2.4 copies each request twice, into cleared memory of up to twice its size. To be called before kafkajs
 * is loaded.
 */
export function frameRequestsAtOnce(): void {
  replaceLibraryModule('protocol/request.js', frameRequest);
}

/** @returns a request with its length and its head of version 1 (Kafka's protocol, "Request Header") */
export async function frameRequest({ correlationId, clientId, request }: RequestToFrame) {
  const { buffer: payload } = await request.encode();
  const client = Buffer.from(clientId);
  const buffer = Buffer.allocUnsafeSlow(HEAD_BYTES + client.length + payload.length);
  buffer.writeInt32BE(buffer.length - LENGTH_BYTES, 0);
  buffer.writeInt16BE(request.apiKey, 4);
  buffer.writeInt16BE(request.apiVersion, 6);
  buffer.writeInt32BE(correlationId, 8);
  buffer.writeInt16BE(client.length, 12);
  buffer.set(client, HEAD_BYTES);
  buffer.set(payload, HEAD_BYTES + client.length);
  return { buffer };
}

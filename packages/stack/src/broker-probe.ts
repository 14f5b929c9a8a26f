import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const METADATA = 3;
const VERSION = 2;
const CORRELATION_ID = 1;

/**
 * A Metadata request, version 2 (the oldest whose answer names the cluster), for no topic, in Kafka's wire
 * protocol: https://kafka.apache.org/protocol#The_Messages_Metadata
 */
function metadataRequest(): Buffer {
  const request = Buffer.alloc(18);
  request.writeInt32BE(request.length - 4, 0);
  request.writeInt16BE(METADATA, 4);
  request.writeInt16BE(VERSION, 6);
  request.writeInt32BE(CORRELATION_ID, 8);
  request.writeInt16BE(-1, 12); // no client id
  request.writeInt32BE(0, 14); // no topics
  return request;
}

/** Reads one answer, which begins with its length. */
async function readAnswer(socket: Socket): Promise<Buffer> {
  let received: Buffer = Buffer.alloc(0);
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk]);
    if (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) return received.subarray(4);
  }
  throw new Error('the connection ended before the answer');
}

interface ClusterFacts {
  readonly brokerCount: number;
  readonly clusterId: string | undefined;
}

/** @throws RangeError when the answer is shorter than it should be */
export function parseMetadata(answer: Buffer): ClusterFacts {
  let at = 4; // correlation id
  const string = (): string | undefined => {
    const length = answer.readInt16BE(at);
    at += 2;
    if (length < 0) return undefined;
    at += length;
    return answer.toString('utf8', at - length, at);
  };
  const brokerCount = answer.readInt32BE(at);
  at += 4;
  for (let index = 0; index < brokerCount; index++) {
    at += 4; // node id
    string(); // host
    at += 4; // port
    string(); // rack
  }
  return { brokerCount, clusterId: string() };
}

/**
 * Does the broker at this address serve, and is it of this cluster? The cluster tells our broker from a
 * stranger's that took the port first. A broker that does not list itself yet is not ready.
 * @returns false for any failure, and after `withinMs`
 */
export async function brokerServes(
  at: { readonly host: string; readonly port: number },
  clusterId: string,
  withinMs = 1_000,
): Promise<boolean> {
  const socket = connect(at);
  socket.setTimeout(withinMs, () => socket.destroy(new Error('no answer in time')));
  try {
    await once(socket, 'connect');
    socket.write(metadataRequest());
    const facts = parseMetadata(await readAnswer(socket));
    return facts.brokerCount > 0 && facts.clusterId === clusterId;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

import { connect, type Socket } from 'node:net';
import { HOST, startCuttableServer } from './cuttable-server.ts';

/**
 * A way to one Kafka broker that can be cut. Clients stay on it: where the broker names its own address (in
 * its answers about the cluster) the proxy puts its own.
 */
export interface KafkaProxy {
  /** `host:port`, the same for ever. */
  readonly address: string;
  /** From now on the broker hears everything, and its answers are lost. */
  loseAnswers(): void;
  /** From the next answer to a heartbeat on, answers are kept back. Resolves when that one is kept. */
  holdAnswers(): Promise<void>;
  /** What was kept back is delivered, in order, and all that follows as ever. */
  releaseAnswers(): void;
  /**
   * From now on nothing gets through, either way, and nobody is told: connections stay, new ones are taken, and what is
   * sent on them is kept.
   */
  stall(): void;
  /** What was kept by `stall` is delivered, also what its sender has given up long since, and all that follows. */
  flow(): void;
  /** Nobody listens any more and all connections are gone. */
  cut(): Promise<void>;
  /** As at the start. */
  restore(): Promise<void>;
  /** How many clients are connected. */
  connections(): number;
  /** Resolves when no client is connected any more. */
  untilUnused(): Promise<void>;
}

/** Kafka's number for the request. */
const HEARTBEAT = 12;

/** @param broker `host:port` as the broker advertises itself */
export async function startKafkaProxy(broker: string): Promise<KafkaProxy> {
  const colon = broker.lastIndexOf(':');
  const [host, port] = [broker.slice(0, colon), Number(broker.slice(colon + 1))];
  const held = createHeldAnswers();
  const sockets = new Set<Socket>();
  let answersLost = false;
  let stalled = false;

  function flow(): void {
    stalled = false;
    for (const socket of sockets) socket.resume();
  }

  const server = await startCuttableServer((client) => {
    const upstream = connect(port, host);
    const heartbeats = new Set<number>();
    const noteHeartbeats = splitFrames((request) => {
      if (request.readInt16BE(4) === HEARTBEAT) heartbeats.add(request.readInt32BE(8));
    });
    // No pipe: it would resume by itself a socket that is stalled.
    client.on('data', (chunk) => {
      noteHeartbeats(chunk);
      upstream.write(chunk);
    });
    upstream.on(
      'data',
      splitFrames((answer) => {
        if (answersLost) return;
        const renamed = renameAddress(answer, { host, port }, { host: HOST, port: server.port });
        held.pass(heartbeats.delete(answer.readInt32BE(4)), () => client.write(renamed));
      }),
    );
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      if (stalled) socket.pause();
    }
    return upstream;
  });

  return {
    address: `${HOST}:${server.port}`,
    loseAnswers() {
      answersLost = true;
    },
    holdAnswers: held.hold,
    releaseAnswers: held.release,
    stall() {
      stalled = true;
      for (const socket of sockets) socket.pause();
    },
    flow,
    cut: server.cut,
    connections: server.connections,
    untilUnused: server.untilUnused,
    async restore() {
      answersLost = false;
      flow();
      await server.restore();
    },
  };
}

/** Answers that are kept back from one to a heartbeat on; see `KafkaProxy`. */
function createHeldAnswers() {
  let kept: (() => void)[] | undefined;
  let begun: PromiseWithResolvers<void> | undefined;
  return {
    hold(): Promise<void> {
      begun = Promise.withResolvers();
      return begun.promise;
    },
    release(): void {
      for (const deliver of kept ?? []) deliver();
      kept = undefined;
    },
    pass(toHeartbeat: boolean, deliver: () => void): void {
      if (begun && toHeartbeat) {
        kept = [];
        begun.resolve();
        begun = undefined;
      }
      if (kept) kept.push(deliver);
      else deliver();
    },
  };
}

/** Kafka's requests and answers are frames of four bytes of length and as many bytes as they say. */
function splitFrames(onFrame: (frame: Buffer) => void): (chunk: Buffer) => void {
  let pending = Buffer.alloc(0);
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
      const end = 4 + pending.readInt32BE(0);
      onFrame(pending.subarray(0, end));
      pending = pending.subarray(end);
    }
  };
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** An address in an answer: two bytes of length, the host, four bytes of port. */
function addressBytes({ host, port }: Address): Buffer {
  const bytes = Buffer.alloc(2 + host.length + 4);
  bytes.writeInt16BE(host.length, 0);
  bytes.write(host, 2);
  bytes.writeInt32BE(port, 2 + host.length);
  return bytes;
}

function renameAddress(frame: Buffer, from: Address, to: Address): Buffer {
  const wanted = addressBytes(from);
  const parts: Buffer[] = [];
  let start = 0;
  for (let at = frame.indexOf(wanted); at >= 0; at = frame.indexOf(wanted, start)) {
    parts.push(frame.subarray(start, at), addressBytes(to));
    start = at + wanted.length;
  }
  if (parts.length === 0) return frame;
  const renamed = Buffer.concat([...parts, frame.subarray(start)]);
  renamed.writeInt32BE(renamed.length - 4, 0);
  return renamed;
}

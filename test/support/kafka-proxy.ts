import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * A way to one Kafka broker that can be cut. Clients stay on it: where the broker names its own address (in
 * its answers about the cluster) the proxy puts its own.
 */
export interface KafkaProxy {
  /** `host:port`, the same for ever. */
  readonly address: string;
  /** From now on the broker hears everything, and its answers are lost. */
  loseAnswers(): void;
  /** Nobody listens any more and all connections are gone. */
  cut(): Promise<void>;
  /** As at the start. */
  restore(): Promise<void>;
}

const HOST = '127.0.0.1';

/** @param broker `host:port` as the broker advertises itself */
export async function startKafkaProxy(broker: string): Promise<KafkaProxy> {
  const colon = broker.lastIndexOf(':');
  const [host, port] = [broker.slice(0, colon), Number(broker.slice(colon + 1))];
  const sockets = new Set<Socket>();
  let answersLost = false;
  let ownPort = 0;
  let server: Server;

  function serve(client: Socket): void {
    const upstream = connect(port, host);
    client.pipe(upstream);
    upstream.on(
      'data',
      splitFrames((frame) => {
        if (!answersLost) client.write(renameAddress(frame, { host, port }, { host: HOST, port: ownPort }));
      }),
    );
    endTogether(client, upstream);
    sockets.add(client);
    client.on('close', () => sockets.delete(client));
  }

  async function listen(): Promise<void> {
    server = createServer(serve);
    server.listen(ownPort, HOST);
    await once(server, 'listening');
    const address = server.address();
    if (typeof address === 'object' && address !== null) ownPort = address.port;
    answersLost = false;
  }

  await listen();
  return {
    address: `${HOST}:${ownPort}`,
    loseAnswers() {
      answersLost = true;
    },
    async cut() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    restore: listen,
  };
}

function endTogether(one: Socket, other: Socket): void {
  for (const [socket, peer] of [
    [one, other],
    [other, one],
  ] as const) {
    // What went wrong is heard by the peer as an end.
    socket.on('error', () => {});
    socket.on('close', () => peer.destroy());
  }
}

/** Kafka's answers are frames of four bytes of length and as many bytes as they say. */
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

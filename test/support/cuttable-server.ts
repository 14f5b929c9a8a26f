import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { freePorts } from '@whatsapp-stream/stack';

/** A server in front of another one that can be cut. */
export interface CuttableServer {
  /** On 127.0.0.1, the same for ever. */
  readonly port: number;
  /** Nobody listens any more and all connections are gone. Does nothing when it is cut already. */
  cut(): Promise<void>;
  /** As at the start. Does nothing unless it is cut. */
  restore(): Promise<void>;
  /** How many clients are connected. */
  connections(): number;
  /** Resolves when no client is connected any more. */
  untilUnused(): Promise<void>;
}

export const HOST = '127.0.0.1';

/** @param serve gets a connection, opens the one behind it, and passes on between them; both end together */
export async function startCuttableServer(serve: (client: Socket) => Socket): Promise<CuttableServer> {
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  let server: Server | undefined;
  // One that is not lost to a client while it is cut.
  const [port = 0] = await freePorts(1);

  function accept(client: Socket): void {
    clients.add(client);
    client.once('close', () => clients.delete(client));
    const upstream = serve(client);
    for (const [socket, peer] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      // What went wrong is heard by the peer as an end.
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        // What it had sent before still arrives.
        peer.destroySoon();
      });
    }
  }

  async function restore(): Promise<void> {
    if (server !== undefined) return;
    server = createServer(accept);
    server.listen(port, HOST);
    await once(server, 'listening');
  }

  async function cut(): Promise<void> {
    if (server === undefined) return;
    const closed = once(server, 'close');
    server.close();
    server = undefined;
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  async function untilUnused(): Promise<void> {
    await Promise.all([...clients].map((client) => once(client, 'close')));
  }

  await restore();
  return { port, cut, restore, connections: () => clients.size, untilUnused };
}

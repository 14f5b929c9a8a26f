import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server that can be cut. It knows nothing of what is spoken on it. */
export interface TcpProxy extends AsyncDisposable {
  /** On 127.0.0.1, the same for ever. */
  readonly port: number;
  /** Nobody listens any more and all connections are gone. */
  cut(): Promise<void>;
  /** As at the start. Does nothing unless it is cut. */
  restore(): Promise<void>;
}

const HOST = '127.0.0.1';

export async function startTcpProxy(to: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;

  function serve(client: Socket): void {
    const upstream = connect(to);
    for (const [socket, peer] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      // What went wrong is heard by the peer as an end.
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        peer.destroy();
      });
      socket.pipe(peer);
    }
  }

  async function restore(): Promise<void> {
    if (server !== undefined) return;
    server = createServer(serve);
    server.listen(port, HOST);
    await once(server, 'listening');
    const address = server.address();
    if (typeof address === 'object' && address !== null) port = address.port;
  }

  async function cut(): Promise<void> {
    if (server === undefined) return;
    const closed = once(server, 'close');
    server.close();
    server = undefined;
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  await restore();
  return { port, cut, restore, [Symbol.asyncDispose]: cut };
}

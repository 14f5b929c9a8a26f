import { connect } from 'node:net';
import { type CuttableServer, startCuttableServer } from './cuttable-server.ts';

/** A way to a server that can be cut. It knows nothing of what is spoken on it. */
export interface TcpProxy extends CuttableServer, AsyncDisposable {}

export async function startTcpProxy(to: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const server = await startCuttableServer((client) => {
    const upstream = connect(to);
    client.pipe(upstream).pipe(client);
    return upstream;
  });
  return { ...server, [Symbol.asyncDispose]: server.cut };
}

import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Systems give ports above these to connections that ask for none (Linux from 32768 on): a server that is down for a
 * moment would lose one of those to any client, and could not be started again where it was.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_767;
const TRIES = 200;

/**
 * Ports of 127.0.0.1 that are free at this moment, all different, and that no outgoing connection takes. Another server
 * can take one before it is used: whoever binds it must be ready to ask for others.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const held: Server[] = [];
  const ports: number[] = [];
  try {
    for (let tries = 0; ports.length < count; tries++) {
      if (tries >= TRIES * count) throw new Error(`no free port from ${FIRST_PORT} to ${LAST_PORT}`);
      const port = randomInt(FIRST_PORT, LAST_PORT + 1);
      const server = await listen(port);
      if (!server) continue;
      held.push(server);
      ports.push(port);
    }
  } finally {
    for (const server of held) server.close();
  }
  return ports;
}

/** @returns null when the port is taken */
async function listen(port: number): Promise<Server | null> {
  const server = createServer();
  server.listen({ host: '127.0.0.1', port, exclusive: true });
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return null;
    throw error;
  }
}

/** Does this log or message say that a port was taken by somebody else? Words of Java, Quarkus and Docker. */
export const saysPortTaken = (text: string): boolean =>
  /address already in use|port is already allocated|port already bound|failed to bind host port/i.test(text);

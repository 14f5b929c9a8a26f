import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Ports of 127.0.0.1 that are free at this moment, all different. Another process can take one before it is
 * used: whoever binds it must be ready to ask for others.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  try {
    for (const server of servers) {
      server.listen({ host: '127.0.0.1', port: 0, exclusive: true });
      await once(server, 'listening');
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('a TCP server without a port');
      ports.push(address.port);
    }
  } finally {
    for (const server of servers) server.close();
  }
  return ports;
}

/** Does this log or message say that a port was taken by somebody else? Words of Java, Quarkus and Docker. */
export const saysPortTaken = (text: string): boolean =>
  /address already in use|port is already allocated|port already bound|failed to bind host port/i.test(text);

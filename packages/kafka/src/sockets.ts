import type { ISocketFactory } from 'kafkajs';
import { knownLibraryModule } from './library-module.ts';

/**
 * kafkajs' own sockets, of which Node does not warn: kafkajs 2.2.4 unrefs a socket at each disconnect, also one that is
 * closed long since, and each time a listener stays on what is no more than garbage.
 */
export function createSocketFactory(): ISocketFactory {
  const create = knownLibraryModule<() => ISocketFactory>('network/socketFactory.js')();
  return (options) => create(options).setMaxListeners(0);
}

/** Doubled: the cluster of the last test. Lock and broker are kafkajs' own, and so are all errors. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type { Cluster } from 'kafkajs';
import { knownLibraryModule } from './library-module.ts';
import {
  tryAgainAfterLockTimeouts,
  tryAgainWhereNoCoordinator,
  tryAgainWhereNotConnected,
} from './passing-errors.ts';

interface Lock {
  acquire(): Promise<void>;
  release(): Promise<void>;
}
const Lock = knownLibraryModule<new (options: { readonly timeout: number }) => Lock>('utils/lock.js');

test('who waits too long for a lock tries again; who gets it has it', async () => {
  const lockedFor = async () => {
    const lock = new Lock({ timeout: 1 });
    await lock.acquire();
    return lock;
  };
  await assert.rejects((await lockedFor()).acquire(), { name: 'KafkaJSLockTimeout', retriable: false });
  tryAgainAfterLockTimeouts();
  const lock = await lockedFor();
  await assert.rejects(lock.acquire(), { name: 'KafkaJSLockTimeout', retriable: true });
  await lock.release();
  await lock.acquire();
});

interface Broker {
  lookupRequest(...of: readonly unknown[]): unknown;
  metadata(): Promise<unknown>;
}
type NewBroker = new (options: {
  readonly connectionPool: object;
  readonly logger: object;
  readonly versions: object | null;
}) => Broker;

test('a question to a broker that is not connected is tried again', async () => {
  const Broker = knownLibraryModule<NewBroker>('broker/index.js');
  const newBroker = () =>
    new Broker({
      connectionPool: { host: 'h', port: 1, connectionTimeout: 1 },
      logger: { namespace: () => ({ debug() {} }) },
      versions: null,
    });
  await assert.rejects(newBroker().metadata(), (error: Error) => !('retriable' in error));
  tryAgainWhereNotConnected();
  const broker = newBroker();
  await assert.rejects(broker.metadata(), { message: 'Broker not connected', retriable: true });
  const connected = (key: number) => key;
  Reflect.set(broker, 'lookupRequest', connected);
  assert.equal(broker.lookupRequest, connected);
});

const errors: Record<string, new (text: string) => Error> = createRequire(import.meta.url)(
  'kafkajs/src/errors.js',
);

function lookInVain(name: string) {
  const Kind = errors[name];
  assert.ok(Kind);
  const cluster: Pick<Cluster, 'findGroupCoordinator'> = {
    findGroupCoordinator: () => Promise.reject(new Kind('in vain')),
  };
  tryAgainWhereNoCoordinator(cluster);
  return cluster.findGroupCoordinator({ groupId: 'g' });
}

test('that no broker knows the coordinator is tried again; another error stays what it is', async () => {
  assert.equal(
    Reflect.get(new (errors['KafkaJSGroupCoordinatorNotFound'] ?? Error)('x'), 'retriable'),
    false,
  );
  await assert.rejects(lookInVain('KafkaJSGroupCoordinatorNotFound'), { retriable: true });
  await assert.rejects(lookInVain('KafkaJSNonRetriableError'), { retriable: false, message: 'in vain' });
});

/** Doubled: the cluster, which answers with errors of kafkajs. Observed: what its caller is told. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type { Cluster } from 'kafkajs';
import { keepLookingForCoordinator } from './coordinator-search.ts';

const errors: Record<string, new (text: string) => Error> = createRequire(import.meta.url)(
  'kafkajs/src/errors.js',
);

function lookInVain(name: string) {
  const Kind = errors[name];
  assert.ok(Kind);
  const cluster: Pick<Cluster, 'findGroupCoordinator'> = {
    findGroupCoordinator: () => Promise.reject(new Kind('in vain')),
  };
  keepLookingForCoordinator(cluster);
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

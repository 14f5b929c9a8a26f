/** Doubled: the cluster behind kafkajs' own class. Observed: what that makes of an offset that is out of range. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { libraryModule } from './library-module.ts';
import { keepCommitsWhenOutOfRange } from './offset-reset.ts';

interface Reset {
  readonly prototype: { setDefaultOffset(of: { topic: string; partition: number }): Promise<void> };
}

before(() => keepCommitsWhenOutOfRange());

/** Starts over in a partition that holds the offsets 5 to 9. @returns where it is read on */
async function startOver(position: string | undefined): Promise<string | undefined> {
  const resolvedOffsets: Record<string, Record<number, string | undefined>> = { t: { 0: position } };
  const cluster = {
    fetchTopicsOffset: async ([{ fromBeginning }]: readonly [{ readonly fromBeginning: boolean }]) => [
      { partitions: [{ partition: 0, offset: fromBeginning ? '5' : '10' }] },
    ],
  };
  const { prototype } = libraryModule<Reset>('consumer/offsetManager');
  await prototype.setDefaultOffset.call({ cluster, resolvedOffsets }, { topic: 't', partition: 0 });
  return resolvedOffsets['t']?.[0];
}

test('what was deleted is passed over', async () => {
  for (const position of ['2', undefined]) assert.equal(await startOver(position), '5');
});

test('a log that ends before what was read of it ends the consumer for good', async () => {
  await assert.rejects(startOver('11'), { retriable: false, message: /ends at 10, .* up to 11/ });
});

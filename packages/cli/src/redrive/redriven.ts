import { backlogs, type Kafka, waitingIn, withAdmin } from '@whatsapp-stream/kafka';
import { REDRIVE_OF_HEADER } from '@whatsapp-stream/schemas';
import { openReading } from '../topic-reading.ts';

/** The cluster's side of it, as far as this needs it. */
export interface Lanes {
  readonly kafka: Kafka;
  readonly names: { readonly lanes: readonly string[] };
  readonly senderGroup: string;
}

/**
 * Looks for redrives that wait in the lanes: from the senders' committed offsets to the ends.
 *
 * It comes first, before the status log and the dead letters are read to their ends. An earlier redrive is above the
 * committed offsets, and so met here; or it was below them at this moment, and what is below was done before: its
 * status event, or its dead letter, was acknowledged before the commit, and is met when these are read afterwards.
 * The other way round, a redrive that is settled and committed between the two looks would be met by neither.
 * @param onRead is told how many records were read since it was told last
 * @returns what they answer: the values of their `redrive_of`; fewer when `stop` was aborted
 */
export async function redrivesInLanes(
  { kafka, names, senderGroup }: Lanes,
  stop: AbortSignal,
  onRead: (count: number) => void,
): Promise<ReadonlySet<string>> {
  const redriven = new Set<string>();
  const all = await withAdmin(kafka, (admin) => backlogs(admin, senderGroup, names.lanes));
  for (const backlog of all) {
    if (stop.aborted || waitingIn(backlog).size === 0) continue;
    const { topic, starts, ends } = backlog;
    const reading = await openReading(kafka, topic, starts, (records) => {
      onRead(records.length);
      for (const { headers } of records) {
        const of = headers[REDRIVE_OF_HEADER];
        if (of !== undefined) redriven.add(of);
      }
    });
    try {
      await reading.reach(ends, stop);
    } finally {
      await reading.close();
    }
  }
  return redriven;
}

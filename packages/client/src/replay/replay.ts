import type { KafkaRecord } from '@whatsapp-stream/kafka';
import type { EventName, Events, SendRequest, StatusEvent } from '@whatsapp-stream/schemas';
import { type Cluster, type ClusterOptions, clusterOf } from '../cluster.ts';
import { createPatientDecoder } from '../patient-decoder.ts';
import { type Wanted, wantedEvents, wantedRequests } from '../where.ts';
import { planOf } from './plan.ts';
import type { Replayed, ReplayOptions } from './port.ts';
import { lanesOf, type Moments, momentsOf } from './request.ts';

/** What is read, and what of it is kept. */
interface Selection<E extends EventName> {
  readonly cluster: Cluster;
  readonly event: E;
  readonly topics: readonly string[];
  readonly moments: Moments;
  readonly isWanted: Wanted<Events[E]>;
}

/**
 * Status events from a time range, each as a typed object, and then it ends: at `to`, or where the log ended when
 * the replay began. Those of one message come in the order of the log, duplicates as they lie there. It belongs to
 * no consumer group. Connections are open while it is iterated; ending the iteration early closes them.
 * @throws InvalidRangeError at once; from the iteration TopicNotFoundError, or when Kafka cannot be reached
 */
export function replay(options: ClusterOptions & ReplayOptions): AsyncIterable<StatusEvent> {
  return singly(replayBatches(options));
}

/** The same in batches, with their records: what a fast reader wants. */
export function replayBatches(options: ClusterOptions & ReplayOptions): AsyncIterable<Replayed<StatusEvent>> {
  const cluster = clusterOf(options);
  const moments = momentsOf(options, cluster.topics.lanes, Date.now());
  const isWanted = wantedEvents(options.where);
  return read({ cluster, event: 'StatusEvent', topics: [cluster.topics.status], moments, isWanted }, options);
}

/**
 * The same for the send requests of all lanes (or of `where.lane`), one lane after the other; `where.status` does not
 * apply.
 */
export function replaySendBatches(
  options: ClusterOptions & ReplayOptions,
): AsyncIterable<Replayed<SendRequest>> {
  const cluster = clusterOf(options);
  const { lanes } = cluster.topics;
  const moments = momentsOf(options, lanes, Date.now());
  const topics = lanesOf(options.where ?? {}, lanes);
  return read(
    { cluster, event: 'SendRequest', topics, moments, isWanted: wantedRequests(options.where) },
    options,
  );
}

async function* singly(batches: AsyncIterable<Replayed<StatusEvent>>): AsyncGenerator<StatusEvent> {
  for await (const { events } of batches) yield* events;
}

async function* read<E extends EventName>(
  { cluster, event, topics, moments, isWanted }: Selection<E>,
  { partitions, signal = new AbortController().signal, onSkipped, onWaiting }: ReplayOptions,
): AsyncGenerator<Replayed<Events[E]>, void, void> {
  signal.throwIfAborted();
  const decode = createPatientDecoder(cluster.registry, event, onWaiting);
  const plan = await planOf(cluster.kafka, topics, moments, partitions);
  let passed = 0;
  let told = 0;
  for (const { topic, ranges } of plan.topics) {
    const gap = ({ from, to }: { readonly from: number; readonly to: number }) => {
      passed += to - from;
    };
    for await (const run of cluster.kafka.readRange(topic, ranges, { signal, gap })) {
      const events: Events[E][] = [];
      const records: KafkaRecord[] = [];
      for (const record of run) {
        const decoding = decode(record, signal);
        const decoded = decoding instanceof Promise ? await decoding : decoding;
        if (decoded === undefined) signal.throwIfAborted();
        else if (!decoded.ok) onSkipped?.({ record, code: decoded.code, text: decoded.text });
        else if (isWanted(decoded.value)) {
          events.push(decoded.value);
          records.push(record);
        }
      }
      passed += run.length;
      told = passed;
      yield { events, records, passed, total: plan.total };
    }
  }
  // What ends with a gap is passed all the same.
  if (told < passed) yield { events: [], records: [], passed, total: plan.total };
}

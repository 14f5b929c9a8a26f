import { type Backlog, depthOf, type Kafka, type KafkaRecord, waitingIn } from '@whatsapp-stream/kafka';
import {
  type Cancellable,
  type Decoded,
  type Decoder,
  laneOf,
  type SendRequest,
} from '@whatsapp-stream/schemas';
import { openReading } from './topic-reading.ts';

/** What was found in a lane. */
export interface LaneCount {
  readonly lane: string;
  readonly queued: number;
  readonly matching: number;
  /** No send requests: the sender puts them aside, whatever is called back. */
  readonly unreadable: number;
}

export interface CountOptions {
  readonly kafka: Pick<Kafka, 'readTopic'>;
  readonly decoder: Decoder<SendRequest>;
  readonly matches: (message: Cancellable) => boolean;
  readonly stop: AbortSignal;
}

/**
 * Reads what waits in a lane and counts what matches; less when `stop` is aborted first. Nothing of the messages is
 * kept.
 * @throws RegistryUnavailableError, or when Kafka goes away
 */
export async function countInLane(
  { kafka, decoder, matches, stop }: CountOptions,
  backlog: Backlog,
): Promise<LaneCount> {
  const { topic, ends, starts } = backlog;
  const lane = laneOf(topic);
  let matching = 0;
  let unreadable = 0;
  /** Of records whose schema is being asked for; they never reject. */
  const undecided: Promise<void>[] = [];
  let failure: { readonly error: unknown } | undefined;

  function judge(decoded: Decoded<SendRequest>, { timestamp }: KafkaRecord): void {
    if (!decoded.ok) unreadable += 1;
    else if (matches(cancellable(decoded.value, lane, timestamp))) matching += 1;
  }

  function take(record: KafkaRecord): void {
    if (record.offset >= (ends.get(record.partition) ?? 0)) return;
    const decoded = decoder.decode(record.value);
    if (!(decoded instanceof Promise)) judge(decoded, record);
    else undecided.push(decoded.then((later) => judge(later, record)).catch(noteFailure));
  }

  function noteFailure(error: unknown): void {
    failure ??= { error };
  }

  const waiting = waitingIn(backlog);
  if (waiting.size > 0) {
    const reading = await openReading(kafka, topic, starts, (records) => records.forEach(take));
    try {
      await reading.reach(ends, stop);
    } finally {
      await reading.close();
    }
    await Promise.all(undecided);
    if (failure) throw failure.error;
  }
  return { lane, queued: depthOf(backlog), matching, unreadable };
}

function cancellable(request: SendRequest, lane: string, appendedAt: number): Cancellable {
  return {
    messageId: request.message_id,
    source: request.source,
    template: request.template?.name ?? null,
    lane,
    appendedAt,
  };
}

import { endsOf, type Kafka, type KafkaRecord, type RecordPosition, withAdmin } from '@whatsapp-stream/kafka';
import {
  type Decoded,
  type Decoder,
  REDRIVE_OF_HEADER,
  readRedriveHeaders,
  type SendRequest,
} from '@whatsapp-stream/schemas';
import { openReading } from '../topic-reading.ts';
import { type DeadLetter, deadLetterIn } from './dead-letter.ts';
import { isMeant, isMeantUnread, type Target } from './judge.ts';
import type { Choice } from './options.ts';
import type { LeftOut } from './tally.ts';

export interface DeadLettersOptions {
  readonly kafka: Kafka;
  readonly decoder: Decoder<SendRequest>;
  /** The topic of dead letters. */
  readonly topic: string;
  /** The lanes' topics. */
  readonly lanes: readonly string[];
  readonly choice: Choice;
  /** null for whatever reason. */
  readonly reasons: ReadonlySet<string> | null;
  readonly stop: AbortSignal;
  /** Is told how many records were read since it was told last. */
  readonly onRead: (count: number) => void;
}

export interface FoundDeadLetters {
  readonly targets: readonly Target[];
  /** What the redrives answer that were put aside again. */
  readonly redriven: ReadonlySet<string>;
  readonly leftOut: readonly LeftOut[];
}

/**
 * Reads the dead letters from the beginning of the chosen time to the end of the topic as it stands now, and keeps of
 * each only what it is about.
 * @throws RegistryUnavailableError, or when Kafka goes away
 */
export async function findDeadLetters(options: DeadLettersOptions): Promise<FoundDeadLetters> {
  const { kafka, decoder, topic, choice, stop, onRead } = options;
  const sieve = createSieve(options);
  const ends = await withAdmin(kafka, (admin) => admin.offsets(topic));
  const asked: Promise<void>[] = [];
  let failure: { readonly error: unknown } | undefined;
  const note = (error: unknown) => {
    failure ??= { error };
  };
  function take(record: KafkaRecord): void {
    if (record.offset >= (ends.get(record.partition)?.high ?? 0)) return;
    const letter = sieve.letterIn(record);
    if (letter === null) return;
    const about = { ...record, value: null, key: record.key && Buffer.from(record.key) };
    const decoded = decoder.decode(record.value);
    if (!(decoded instanceof Promise)) sieve.add(about, letter, decoded);
    else asked.push(decoded.then((later) => sieve.add(about, letter, later)).catch(note));
  }
  const reading = await openReading(kafka, topic, { timestampMs: choice.from }, (records) => {
    onRead(records.length);
    records.forEach(take);
  });
  try {
    await reading.reach(endsOf(ends), stop);
  } finally {
    await reading.close();
  }
  await Promise.all(asked);
  if (failure) throw failure.error;
  return sieve.result();
}

/** Keeps those dead letters that are meant, each origin once. */
function createSieve({ lanes, choice, reasons }: DeadLettersOptions) {
  const redriven = new Set<string>();
  const leftOut: LeftOut[] = [];
  const byOrigin = new Map<string, Target>();

  return {
    letterIn(record: KafkaRecord): DeadLetter | null {
      const of = record.headers[REDRIVE_OF_HEADER];
      if (of !== undefined) redriven.add(of);
      if (record.timestamp < choice.from || record.timestamp >= choice.to) return null;
      const letter = deadLetterIn(record);
      if (letter === null) leftOut.push('laneless');
      return letter && (reasons === null || reasons.has(letter.reason)) ? letter : null;
    },
    add(record: KafkaRecord, letter: DeadLetter, decoded: Decoded<SendRequest>): void {
      const { topic, of } = letter;
      const meant = decoded.ok ? isMeant(choice, decoded.value, topic) : isMeantUnread(choice, record, topic);
      if (!meant) return;
      if (!lanes.includes(topic)) {
        leftOut.push('laneless');
        return;
      }
      byOrigin.set(of, {
        place: placeOf(record),
        topic,
        of,
        attempts: readRedriveHeaders(record.headers)?.attempts ?? 0,
        messageId: decoded.ok ? decoded.value.message_id : null,
      });
    },
    result: (): FoundDeadLetters => ({ targets: [...byOrigin.values()], redriven, leftOut }),
  };
}

function placeOf({ topic, partition, offset }: KafkaRecord): RecordPosition {
  return { topic, partition, offset };
}

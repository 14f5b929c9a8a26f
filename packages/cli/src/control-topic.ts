import { userInfo } from 'node:os';
import { endsOf, type Kafka, withAdmin } from '@whatsapp-stream/kafka';
import { type ControlChange, encodeControl, holdsPhoneNumber } from '@whatsapp-stream/schemas';
import { EXIT } from '@whatsapp-stream/service-kit';
import { CommandError } from './command.ts';
import { type ControlView, createControlView } from './control-view.ts';
import { openReading } from './topic-reading.ts';

/** The control topic, read from its beginning on. */
export interface ControlReading {
  /** @returns what holds, by all that is in the topic at this moment; by less when `stop` is aborted first */
  upToNow(stop: AbortSignal): Promise<ControlView>;
  close(): Promise<void>;
}

/** @throws when Kafka cannot be reached; see `requireTopics` for a topic that does not exist */
export async function readControl(kafka: Kafka, topic: string): Promise<ControlReading> {
  const view = createControlView();
  const reading = await openReading(kafka, topic, 'beginning', (records) => {
    for (const record of records) view.apply(record);
  });
  return {
    async upToNow(stop) {
      const ends = await withAdmin(kafka, (admin) => admin.offsets(topic));
      await reading.reach(endsOf(ends), stop);
      return view;
    },
    close: reading.close,
  };
}

/** What holds at this moment; less when `stop` is aborted first. @throws as `readControl` does */
export async function controlNow(kafka: Kafka, topic: string, stop: AbortSignal): Promise<ControlView> {
  const reading = await readControl(kafka, topic);
  try {
    return await reading.upToNow(stop);
  } finally {
    await reading.close();
  }
}

/** @throws KafkaWriteError when it is not known whether it holds; it can be said again */
export async function tellControl(
  kafka: Kafka,
  topic: string,
  changes: readonly ControlChange[],
): Promise<void> {
  const producer = await kafka.producer();
  try {
    await producer.send(changes.map((change) => ({ topic, ...encodeControl(change) })));
  } finally {
    await producer.close();
  }
}

/** @throws CommandError (69) that names the topics that are missing: to ask for their offsets could create them */
export async function requireTopics(kafka: Kafka, topics: readonly string[]): Promise<void> {
  const missing = await withAdmin(kafka, async (admin) => {
    const described = await Promise.all(topics.map((topic) => admin.describeTopic(topic)));
    return topics.filter((_, i) => described[i] === null);
  });
  if (missing.length === 0) return;
  throw new CommandError(
    `${missing.join(', ')} ${missing.length === 1 ? 'does' : 'do'} not exist: \`npm run setup\` creates what is missing`,
    EXIT.unavailable,
  );
}

/** Who says something, and why. */
export interface WordsOptions {
  readonly reason?: string;
  readonly by?: string;
}

/** A sentence for each of the texts that must not be written. */
export function wordFaults({ reason, by }: WordsOptions): readonly string[] {
  const texts = { '--reason': reason, '--by': by };
  return Object.entries(texts).flatMap(([name, text]) =>
    text !== undefined && holdsPhoneNumber(text)
      ? [`${name} holds what may be a phone number: it would be kept and shown`]
      : [],
  );
}

/** Who is not named is the user of this process. */
export function wordsOf(options: WordsOptions): {
  readonly reason: string | null;
  readonly by: string | null;
} {
  return { reason: options.reason ?? null, by: options.by ?? userName() };
}

function userName(): string | null {
  try {
    const { username } = userInfo();
    return holdsPhoneNumber(username) ? null : username;
  } catch {
    // A user id without a name, as containers have it.
    return null;
  }
}

import { readStatus } from '@whatsapp-stream/client';
import type { KafkaRecord, NewRecord, Producer } from '@whatsapp-stream/kafka';
import { createDecoder, type Decoder, laneOf, type SendRequest } from '@whatsapp-stream/schemas';
import { aborted } from '../command.ts';
import type { Connection } from '../connection.ts';
import { type FoundDeadLetters, findDeadLetters } from './dead-letters.ts';
import { createHistory, type History, type HistoryOptions } from './history.ts';
import { judge, type Target } from './judge.ts';
import type { RedriveRequest } from './options.ts';
import type { Progress } from './progress.ts';
import { publish } from './publish.ts';
import { readPlaces } from './read-places.ts';
import { redrivesInLanes } from './redriven.ts';
import { selectDeadLetters, selectEnded } from './select.ts';
import type { Tally } from './tally.ts';

export interface RunOptions {
  readonly cluster: Connection;
  readonly request: RedriveRequest;
  /** Is told of everything that is done, also if the run ends early. */
  readonly tally: Tally;
  readonly progress: Progress;
  /** A line for people. */
  readonly note: (line: string) => void;
  readonly stop: AbortSignal;
  /** Wall-clock time in ms since the epoch. */
  readonly now: () => number;
}

type Ended = Extract<RedriveRequest, { readonly kind: 'ended' }>;
type DeadLetters = Extract<RedriveRequest, { readonly kind: 'dead-letters' }>;

/** A journey that ended in the chosen time began before it: a doubt, or a callback, can take hours. */
const JOURNEY_MS = 24 * 60 * 60 * 1_000;

/** @throws KafkaWriteError, RegistryUnavailableError, or when Kafka goes away; `tally` tells how far it came */
export async function run(options: RunOptions): Promise<void> {
  const { request, cluster } = options;
  const decoder = createDecoder(cluster.registry, 'SendRequest');
  const targets =
    request.kind === 'ended'
      ? await endedTargets(options, request)
      : await deadLetterTargets(options, request, decoder);
  await redriveAll(options, targets, decoder);
}

async function endedTargets(options: RunOptions, { statuses, choice }: Ended): Promise<readonly Target[]> {
  const { cluster, tally, stop } = options;
  const { lane, source, template, messageId } = choice;
  const waiting = await redrivesInLanes(
    cluster,
    stop,
    counter(options.progress, 'looking through the lanes'),
  );
  const history = await readHistory(options, {
    statuses,
    isWanted: (id) => messageId === null || id === messageId,
    mayBeMeant: (event) =>
      mayBe(lane, event.lane) && mayBe(source, event.source) && mayBe(template, event.template_name),
  });
  if (stop.aborted) return [];
  const isRedriven = (of: string) => waiting.has(of) || history.redriven.has(of);
  return selectEnded({ history, isRedriven, leaveOut: tally.leftOut }, choice, cluster.names.lanes);
}

/** What an event leaves open can be meant. */
function mayBe(wanted: string | null, told: string | null): boolean {
  return wanted === null || told === null || wanted === told;
}

async function deadLetterTargets(
  options: RunOptions,
  request: DeadLetters,
  decoder: Decoder<SendRequest>,
): Promise<readonly Target[]> {
  const { cluster, tally, stop } = options;
  const waiting = await redrivesInLanes(
    cluster,
    stop,
    counter(options.progress, 'looking through the lanes'),
  );
  if (stop.aborted) return [];
  const letters = await findDeadLetters({
    kafka: cluster.kafka,
    decoder,
    topic: cluster.names.deadLetter,
    lanes: cluster.names.lanes,
    choice: request.choice,
    reasons: request.reasons,
    stop,
    onRead: counter(options.progress, 'reading the dead letters'),
  });
  for (const why of letters.leftOut) tally.leftOut(why);
  if (stop.aborted || letters.targets.length === 0) return [];
  const history = await readHistory(options, aboutThese(letters));
  if (stop.aborted) return [];
  const isRedriven = (of: string) => waiting.has(of) || letters.redriven.has(of) || history.redriven.has(of);
  return selectDeadLetters({ history, isRedriven, leaveOut: tally.leftOut }, letters.targets);
}

function aboutThese({ targets }: FoundDeadLetters): HistoryOptions {
  const ids = new Set(targets.flatMap(({ messageId }) => (messageId === null ? [] : [messageId])));
  return { statuses: new Set(), isWanted: (id) => ids.has(id), mayBeMeant: () => true };
}

/** Reads the status log to its end, as it stands at this moment; less when stopped. */
async function readHistory(options: RunOptions, about: HistoryOptions): Promise<History> {
  const { cluster, request, progress, note, stop } = options;
  const history = createHistory(about);
  const read = counter(progress, 'reading the status log');
  const reading = await readStatus({
    kafka: cluster.kafka,
    registry: cluster.registry,
    topic: cluster.names.status,
    from: { timestampMs: Math.max(0, request.choice.from - JOURNEY_MS) },
    onEvent(event, record) {
      history.add(event, record);
      read(1);
    },
    onSkipped: ({ record }) => history.addUnreadable(record),
    onWaiting: ({ message }) => note(message),
  });
  try {
    await Promise.race([reading.caughtUp(), aborted(stop)]);
  } finally {
    await reading.close();
    progress.clear();
    if (reading.skipped() > 0) note(`${reading.skipped()} status events could not be read`);
  }
  return history;
}

function counter(progress: Progress, what: string): (count: number) => void {
  let read = 0;
  return (count) => {
    read += count;
    progress.step(what, read, null);
  };
}

async function redriveAll(
  options: RunOptions,
  targets: readonly Target[],
  decoder: Decoder<SendRequest>,
): Promise<void> {
  const { cluster, request, tally, stop } = options;
  if (targets.length === 0) return;
  const producer = request.dryRun ? null : await cluster.kafka.producer();
  try {
    for (const [topic, ofTopic] of Map.groupBy(targets, ({ place }) => place.topic)) {
      if (stop.aborted || tally.count() >= request.limit) return;
      await redriveFrom(options, topic, ofTopic, decoder, producer);
    }
  } finally {
    await producer?.close();
  }
}

async function redriveFrom(
  options: RunOptions,
  topic: string,
  targets: readonly Target[],
  decoder: Decoder<SendRequest>,
  producer: Producer | null,
): Promise<void> {
  const { cluster, request, tally, progress, stop } = options;
  const { kafka } = cluster;
  let looked = 0;
  for await (const found of readPlaces({ kafka, topic, stop }, targets)) {
    const records: NewRecord[] = [];
    for (const { target, record } of found) {
      if (tally.count() + records.length >= request.limit) break;
      const again = await lookAt(options, target, record, decoder);
      if (again) records.push(again);
      looked += 1;
      progress.step(`redriving from ${topic}`, looked, targets.length);
    }
    if (producer) await publish(producer, records, tally, stop);
    else for (const again of records) tally.redriven(laneOf(again.topic));
    if (stop.aborted || tally.count() >= request.limit) break;
  }
  progress.clear();
}

async function lookAt(
  { request, tally, now }: RunOptions,
  target: Target,
  record: KafkaRecord | null,
  decoder: Decoder<SendRequest>,
): Promise<NewRecord | null> {
  const undecodable = request.kind === 'dead-letters' && request.undecodable;
  const decoded = record && (await decoder.decode(record.value));
  const verdict = judge(target, record, decoded, { choice: request.choice, undecodable }, now());
  if (verdict.kind === 'redrive') return verdict.record;
  if (verdict.kind === 'leave-out') tally.leftOut(verdict.why);
  return null;
}

import { setMaxListeners } from 'node:events';
import {
  type AssignedPartition,
  type OffsetGap,
  type SharedConsumer,
  withAdmin,
} from '@whatsapp-stream/kafka';
import type { Cluster } from '../cluster.ts';
import { TopicNotFoundError } from '../errors.ts';
import { createPatientDecoder } from '../patient-decoder.ts';
import { foldHistory } from './history.ts';
import type { Interpretation } from './interpretation.ts';
import { createMemories } from './memories.ts';
import { createPartition } from './partition.ts';
import { within } from './patience.ts';
import type { Handler, RunEvents, SubscriberHooks, SubscriberStats } from './port.ts';
import type { Settings } from './settings.ts';
import { type AssignedWork, createTerm, type Term } from './term.ts';

/** One membership of the group, from `run` to the end. */
export interface Session {
  /** Resolves when it was closed, rejects with what ended it. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
  stats(): SubscriberStats;
}

export interface SessionOptions<T> {
  readonly cluster: Cluster;
  readonly settings: Settings;
  readonly hooks: SubscriberHooks;
  readonly handler: Handler<T>;
  readonly acknowledge: NonNullable<RunEvents['acknowledge']>;
  readonly interpretation: Interpretation<T>;
}

const COMMIT_EVERY_MS = 1_000;
/** Where Kafka does not answer; else both take some ms. */
const LEAVE_WITHIN_MS = 5_000;
/** Handlers that are under way when the group is shared anew; the consumer waits for a third of a session. */
const ENDING_SESSIONS = 1 / 6;

export function startSession<T>(options: SessionOptions<T>): Session {
  const { cluster, settings, hooks, interpretation } = options;
  const topic = cluster.topics.status;
  const counts = { delivered: 0, acknowledged: 0, failed: 0, duplicates: 0, skipped: 0, lost: 0 };
  const decode = createPatientDecoder(cluster.registry, 'StatusEvent', hooks.onWaiting);
  const memories = createMemories(settings.dedupeEntries, interpretation);
  const outcome = Promise.withResolvers<void>();
  let term: Term | undefined;
  let previous: Term | undefined;
  let ending: Promise<void> | undefined;

  const consumer: SharedConsumer = cluster.kafka.sharedConsumer(
    {
      group: settings.group,
      topics: [topic],
      from: settings.from,
      sessionTimeoutMs: settings.sessionTimeoutMs,
    },
    {
      async ending() {
        await term?.halt(settings.sessionTimeoutMs * ENDING_SESSIONS);
        await commit();
      },
      epochEnded: endTerm,
      assigned: begin,
      records: (_epoch, records) => term?.take(records),
      gap: tellGap,
      failed: fail,
    },
  );
  const timer = setInterval(commit, COMMIT_EVERY_MS);

  function begin(epoch: number, assigned: readonly AssignedPartition[]): void {
    if (ending) return;
    memories.keepOnly(assigned.map(({ partition }) => partition));
    for (const { partition, startsAt } of assigned) {
      // A membership that was lost for a while: others went on, and what they have done is not known here.
      if (startsAt > (previous?.position(partition) ?? 0)) memories.of(partition).isComplete = false;
    }
    const [halting, over] = [new AbortController(), new AbortController()];
    // Every handler may listen to it.
    setMaxListeners(0, over.signal);
    const history = readHistory(assigned, AbortSignal.any([halting.signal, over.signal])).catch(fail);
    const meaningOf = interpretation.begin();
    const works = assigned.map(({ partition, startsAt }): AssignedWork => {
      const of = { topic, partition };
      const memory = memories.of(partition);
      const work = createPartition<T>({
        handler: options.handler,
        acknowledge: options.acknowledge,
        onSkipped: hooks.onSkipped,
        onError: hooks.onError,
        backOff: settings.backOff,
        maxUnacknowledged: settings.maxUnacknowledged,
        decode,
        meaningOf,
        memory,
        startsAt,
        after: Promise.all([previous?.ended(partition), memory.isComplete ? undefined : history]),
        over: over.signal,
        pause: () => consumer.pause(of),
        resume: () => consumer.resume(of),
        count,
        failed: () => count('failed'),
        fail,
      });
      return { ...of, startsAt, work };
    });
    term = createTerm(epoch, works, { halting: () => halting.abort(), ending: () => over.abort() });
    hooks.onAssigned?.(term.partitions);
  }

  function count(what: keyof typeof counts): void {
    counts[what] += 1;
  }

  async function readHistory(assigned: readonly AssignedPartition[], signal: AbortSignal): Promise<void> {
    if (interpretation.history === undefined) return;
    const incomplete = assigned.filter(({ partition }) => !memories.of(partition).isComplete);
    const { kafka } = cluster;
    const { fold } = interpretation;
    const history = { kafka, topic, decode, fold, now: Date.now, ...interpretation.history };
    await foldHistory(history, incomplete, signal);
    if (signal.aborted) return;
    for (const { partition } of incomplete) memories.of(partition).isComplete = true;
  }

  function endTerm(): void {
    if (term === undefined) return;
    term.end();
    previous = term;
    term = undefined;
  }

  async function commit(): Promise<void> {
    const of = term;
    const due = of?.due() ?? [];
    if (of === undefined || due.length === 0) return;
    if (await consumer.commit(of.epoch, due)) of.committed(due);
  }

  function tellGap(gap: OffsetGap): void {
    if (gap.cause !== 'retention') return;
    counts.lost += gap.to - gap.from;
    hooks.onLost?.(gap);
  }

  function fail(error: unknown): void {
    outcome.reject(error);
    void end(0);
  }

  /** Takes nothing more, waits, commits, leaves. */
  function end(waitMs: number): Promise<void> {
    ending ??= (async () => {
      clearInterval(timer);
      await term?.halt(waitMs);
      await within(LEAVE_WITHIN_MS, leave());
      endTerm();
      outcome.resolve();
    })().catch(outcome.reject);
    return ending;
  }

  async function leave(): Promise<void> {
    await commit();
    endTerm();
    await consumer.stop();
  }

  async function start(): Promise<void> {
    const description = await withAdmin(cluster.kafka, (admin) => admin.describeTopic(topic));
    if (description === null) throw new TopicNotFoundError(topic);
    if (!ending) await consumer.start();
  }

  start().catch((error: unknown) => {
    if (!ending) fail(error);
  });
  return {
    ended: outcome.promise,
    close: () => end(settings.closeTimeoutMs),
    stats: () => ({
      ...counts,
      partitions: term?.partitions ?? [],
      unacknowledged: term?.unacknowledged() ?? 0,
    }),
  };
}

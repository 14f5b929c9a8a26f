import { setTimeout as pause } from 'node:timers/promises';
import type { BrokerSwitch } from '@whatsapp-stream/stack';
import type { IngestProcess } from './ingest-process.ts';
import type { KafkaProxy } from './kafka-proxy.ts';
import { between, type Random, shuffled } from './random.ts';

/** From when until when nothing could reach Kafka, ms since the epoch. */
export interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
}

export type KafkaFault = 'cut' | 'answers-lost' | 'broker-killed';
export type IngestFault = 'kill' | 'stop';

/** What was done, in its order. */
export interface KafkaFaults {
  readonly faults: readonly KafkaFault[];
  readonly outages: readonly Outage[];
}

/** How one `SIGTERM` ended. */
export interface Stop {
  readonly how: number | NodeJS.Signals;
  readonly tookMs: number;
}

export interface IngestFaults {
  readonly faults: readonly IngestFault[];
  readonly stops: readonly Stop[];
}

interface Span {
  readonly minMs: number;
  readonly maxMs: number;
}

export interface FaultPlan {
  readonly random: Random;
  /** How long faults are begun. */
  readonly durationMs: number;
  /** Between one fault and the next. */
  readonly pause: Span;
}

const lasting = (random: Random, { minMs, maxMs }: Span) => pause(between(random, minMs, maxMs));

/** All kinds in random order, again and again, while there is time. */
async function again<Kind>(
  { random, durationMs, pause: between }: FaultPlan,
  kinds: readonly Kind[],
  inflict: (kind: Kind) => Promise<void>,
): Promise<readonly Kind[]> {
  const until = performance.now() + durationMs;
  const done: Kind[] = [];
  let round: readonly Kind[] = [];
  for (;;) {
    await lasting(random, between);
    const [kind, ...rest] = round.length > 0 ? round : shuffled(kinds, random);
    if (kind === undefined || performance.now() >= until) return done;
    round = rest;
    await inflict(kind);
    done.push(kind);
  }
}

export interface KafkaAndItsWay {
  readonly proxy: KafkaProxy;
  /** Killed too, where there is one. */
  readonly broker?: BrokerSwitch | undefined;
  /** How long each fault lasts. */
  readonly lasts: Span;
}

/** Takes Kafka away in every way; it is back when this resolves. */
export async function inflictOnKafka(plan: FaultPlan, kafka: KafkaAndItsWay): Promise<KafkaFaults> {
  const { proxy, broker, lasts } = kafka;
  const outages: Outage[] = [];

  async function away(begin: () => Promise<void>, end: () => Promise<void>): Promise<void> {
    await begin();
    const fromMs = Date.now();
    await lasting(plan.random, lasts);
    outages.push({ fromMs, toMs: Date.now() });
    await end();
  }

  async function inflict(fault: KafkaFault): Promise<void> {
    switch (fault) {
      case 'cut':
        return away(proxy.cut, proxy.restore);
      case 'broker-killed':
        return broker ? away(broker.kill, broker.start) : undefined;
      case 'answers-lost':
        proxy.loseAnswers();
        await lasting(plan.random, lasts);
        // Who waits for an answer that was lost hears of it only by the end of its connection.
        await proxy.cut();
        return proxy.restore();
    }
  }

  const kinds: readonly KafkaFault[] = [
    'cut',
    'answers-lost',
    ...(broker ? (['broker-killed'] as const) : []),
  ];
  return { faults: await again(plan, kinds, inflict), outages };
}

const INGEST_KINDS: readonly IngestFault[] = ['kill', 'kill', 'kill', 'stop'];

/** Ends callback-ingest in every way, and starts it again at once; it runs when this resolves. */
export async function inflictOnIngest(plan: FaultPlan, ingest: IngestProcess): Promise<IngestFaults> {
  const stops: Stop[] = [];
  const faults = await again(plan, INGEST_KINDS, async (fault) => {
    if (fault === 'kill') await ingest.kill();
    else stops.push(await ingest.stop());
    await ingest.start();
  });
  return { faults, stops };
}

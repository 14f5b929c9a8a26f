import { setTimeout as sleep } from 'node:timers/promises';
import { type Kafka, withAdmin } from '@whatsapp-stream/kafka';
import { laneOf, type TopicNames } from '@whatsapp-stream/schemas';
import type { BrokerSwitch } from '@whatsapp-stream/stack';
import type { Fault, Growing, Visit } from './fault.ts';
import type { Load } from './load.ts';
import type { Operator } from './operator.ts';
import type { Revivable } from './revivable.ts';
import type { Sender, Senders } from './senders.ts';
import type { Surroundings } from './surroundings.ts';

/** Whom faults are done to. */
export interface Scene {
  readonly surroundings: Surroundings;
  readonly senders: Senders;
  readonly load: Load;
  readonly operator: Operator;
  /** Undefined where it cannot be killed. */
  readonly broker: BrokerSwitch | undefined;
}

const AGAIN_AFTER_MS = 500;
/** A broker is away for less. */
const ANSWERS_WITHIN_MS = 90_000;

/**
 * Does a fault, and heals it.
 * @returns once it has healed; false when there was nobody to do it to, or it was not the active sender who was meant
 */
export async function inflict(fault: Fault, scene: Scene): Promise<boolean> {
  const { surroundings, senders, broker, operator } = scene;
  switch (fault.kind) {
    case 'kill-active':
      return toActive(senders, (active) => restart(active, 'SIGKILL', fault.backAfterMs));
    case 'kill-standby':
      return restart(await senders.standBy(), 'SIGKILL', fault.backAfterMs);
    case 'stop-active':
      return toActive(senders, (active) => restart(active, 'SIGTERM', fault.backAfterMs));
    case 'freeze-active':
    case 'hiccup-active':
      return toActive(senders, (active) => active.freeze(fault.forMs));
    case 'storm':
      await Promise.all(fault.visits.map((visit) => pay(visit, senders)));
      return true;
    case 'broker-killed':
      return withTarget(broker, (broker) => away(broker.kill, broker.start, fault.forMs));
    case 'registry-away': {
      const { cut, restore } = surroundings.registryProxy;
      return toActive(senders, async (active) => {
        const [done] = await Promise.all([
          restart(active, fault.restartBy, 0),
          away(cut, restore, fault.forMs),
        ]);
        return done;
      });
    }
    case 'ingest-killed':
      return restart(surroundings.ingest, 'SIGKILL', fault.backAfterMs);
    case 'ingest-stopped':
      return restart(surroundings.ingest, 'SIGTERM', fault.backAfterMs);
    case 'more-partitions':
      await addPartitions(surroundings.kafka, topicOf(fault.of, surroundings.names), fault.more);
      scene.load.renew();
      return true;
    case 'clock-jump':
      return toActive(senders, async (active) => {
        await active.shiftClock(fault.byMs);
        await sleep(fault.forMs);
        await active.shiftClock(0);
        return true;
      });
    case 'cut-off-active':
      return toActive(senders, (active) => active.cutOff(fault.how, fault.forMs));
    case 'lane-paused':
      await operator.pause(fault.lane, fault.forMs);
      return true;
    case 'called-back':
      await operator.cancel(fault.lane, fault.template);
      return true;
    case 'redriven':
      await operator.redrive(fault.statuses);
      return true;
    case 'answers':
      await surroundings.verihubs.put('faults', fault.mood.faults);
      return true;
    case 'callbacks':
      await surroundings.verihubs.put('callbacks', fault.mood.plan);
      return true;
  }
}

async function withTarget<T>(target: T | undefined, work: (target: T) => Promise<void>): Promise<boolean> {
  if (target === undefined) return false;
  await work(target);
  return true;
}

/** Where nobody sends, the next one may as well be met, but the fault that was meant has not happened. */
async function toActive(senders: Senders, work: (sender: Sender) => Promise<boolean>): Promise<boolean> {
  const active = await senders.active();
  const target = active ?? senders.next();
  return target !== undefined && (await work(target)) && active !== undefined;
}

const restart = (target: Revivable | undefined, by: 'SIGTERM' | 'SIGKILL', backAfterMs: number) =>
  withTarget(target, async (one) => {
    await one.end(by);
    await sleep(backAfterMs);
    await one.start();
  });

async function away(leave: () => Promise<void>, comeBack: () => Promise<void>, forMs: number): Promise<void> {
  await leave();
  await sleep(forMs);
  await comeBack();
}

async function pay({ joinsAfterMs, staysMs, leavesBy }: Visit, senders: Senders): Promise<void> {
  const visitor = await senders.visitor();
  await sleep(joinsAfterMs);
  await visitor.start();
  await sleep(staysMs);
  await visitor.end(leavesBy);
}

function topicOf(growing: Growing, { lanes, status }: TopicNames): string {
  return growing === 'status' ? status : (lanes.find((topic) => laneOf(topic) === growing) ?? '');
}

/**
 * The broker can be away at the same time: it is asked until it answers.
 * @throws what it said last, when it does not do it in time
 */
async function addPartitions(kafka: Kafka, topic: string, more: number): Promise<void> {
  const deadline = performance.now() + ANSWERS_WITHIN_MS;
  for (;;) {
    try {
      return await withAdmin(kafka, async (admin) => {
        const before = (await admin.describeTopic(topic))?.partitions ?? 0;
        await admin.addPartitions(topic, before + more);
      });
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(AGAIN_AFTER_MS);
    }
  }
}

import type { TestContext } from 'node:test';
import type { AssignedPartition, ExclusiveConsumer, ExclusiveConsumerEvents } from '@whatsapp-stream/kafka';
import { type Notes, takeNotes } from './notes.ts';
import type { Watch, World } from './world.ts';

/** The least that brokers allow by default: others notice soon that a member is gone. */
export const SESSION_TIMEOUT_MS = 6_000;

/** A member of a group that notes all that it is told. */
export interface Member extends Notes {
  readonly consumer: ExclusiveConsumer;
  /** The present epoch's number while it lasts. */
  epoch(): number | undefined;
  /** What was assigned to it, while it is the active one. */
  active(): readonly AssignedPartition[] | undefined;
  isStandingBy(): boolean;
  /** Activations so far. */
  activations(): number;
}

export interface MemberOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** Another way to the broker than the world's. */
  readonly brokers?: readonly string[];
  /** Resumes every partition as soon as it is assigned: the default. */
  readonly resume?: boolean;
  /** Looks also when other members are told something. */
  readonly watch?: Watch;
  /** Called before the member notes what it is told. */
  readonly handlers?: Partial<ExclusiveConsumerEvents>;
}

type State =
  | { readonly kind: 'none' }
  | { readonly kind: 'standing-by'; readonly epoch: number }
  | { readonly kind: 'active'; readonly epoch: number; readonly partitions: readonly AssignedPartition[] };

export async function startMember(t: TestContext, world: World, options: MemberOptions): Promise<Member> {
  const { group, topics, resume = true, handlers = {} } = options;
  let state: State = { kind: 'none' };
  let activations = 0;
  const taker = takeNotes(() => ({ state }), options.watch);
  const consumer = world.newKafka(options.brokers).exclusiveConsumer(
    { group, topics, sessionTimeoutMs: SESSION_TIMEOUT_MS },
    {
      epochEnded() {
        handlers.epochEnded?.();
        state = { kind: 'none' };
      },
      activated(epoch, partitions) {
        handlers.activated?.(epoch, partitions);
        state = { kind: 'active', epoch, partitions };
        activations += 1;
        if (resume) for (const partition of partitions) consumer.resume(partition);
        taker.look();
      },
      standingBy(epoch) {
        handlers.standingBy?.(epoch);
        state = { kind: 'standing-by', epoch };
        taker.look();
      },
      records(epoch, batch) {
        handlers.records?.(epoch, batch);
        taker.records(batch);
      },
      gap(gap) {
        handlers.gap?.(gap);
        taker.gap(gap);
      },
      failed: taker.failed,
    },
  );
  t.after(() => consumer.stop());
  await consumer.start();
  return {
    consumer,
    ...taker.notes,
    epoch: () => (state.kind === 'none' ? undefined : state.epoch),
    active: () => (state.kind === 'active' ? state.partitions : undefined),
    isStandingBy: () => state.kind === 'standing-by',
    activations: () => activations,
  };
}

/** @returns its epoch, once the member is the active one */
export async function activeEpoch(member: Member): Promise<number> {
  await member.until('the member is the active one', () => member.active() !== undefined);
  return member.epoch() ?? -1;
}

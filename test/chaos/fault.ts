import type { CutOff } from './kafka-way.ts';
import type { AnswerMood, CallbackMood } from './moods.ts';

/** A member that joins and leaves again. */
export interface Visit {
  readonly joinsAfterMs: number;
  readonly staysMs: number;
  readonly leavesBy: 'SIGTERM' | 'SIGKILL';
}

/** What goes wrong with our own processes and what they depend on. Each heals by itself. */
export type Trouble =
  | { readonly kind: 'kill-active'; readonly backAfterMs: number }
  | { readonly kind: 'kill-standby'; readonly backAfterMs: number }
  | { readonly kind: 'stop-active'; readonly backAfterMs: number }
  /** SIGSTOP for longer than the session, then SIGCONT. */
  | { readonly kind: 'freeze-active'; readonly forMs: number }
  /** SIGSTOP for shorter than the session, then SIGCONT. */
  | { readonly kind: 'hiccup-active'; readonly forMs: number }
  | { readonly kind: 'storm'; readonly visits: readonly Visit[] }
  | { readonly kind: 'broker-killed'; readonly forMs: number }
  /** Senders cannot reach the registry, and the active one is restarted meanwhile. */
  | { readonly kind: 'registry-away'; readonly forMs: number; readonly restartBy: 'SIGTERM' | 'SIGKILL' }
  | { readonly kind: 'ingest-killed'; readonly backAfterMs: number }
  | { readonly kind: 'ingest-stopped'; readonly backAfterMs: number }
  | { readonly kind: 'more-partitions'; readonly of: Growing; readonly more: number }
  | { readonly kind: 'clock-jump'; readonly byMs: number; readonly forMs: number }
  /** The active sender alone loses its way to Kafka. */
  | { readonly kind: 'cut-off-active'; readonly how: CutOff; readonly forMs: number }
  /** By an operator; `all` for all of them. */
  | { readonly kind: 'lane-paused'; readonly lane: string; readonly forMs: number }
  /** By an operator: what waits then with this template in this lane. */
  | { readonly kind: 'called-back'; readonly lane: string; readonly template: string }
  /** By an operator: whatever has ended in one of these ways. */
  | { readonly kind: 'redriven'; readonly statuses: readonly string[] };

/** A lane, or the status topic. */
export type Growing = 'marketing' | 'otp' | 'status';

/** How Verihubs behaves from now on. */
export type Mood =
  | { readonly kind: 'answers'; readonly mood: AnswerMood }
  | { readonly kind: 'callbacks'; readonly mood: CallbackMood };

export type Fault = Trouble | Mood;
export type TroubleKind = Trouble['kind'];

/** How long until it has healed. */
export function healsAfterMs(trouble: Trouble): number {
  switch (trouble.kind) {
    case 'kill-active':
    case 'kill-standby':
    case 'stop-active':
    case 'ingest-killed':
    case 'ingest-stopped':
      return trouble.backAfterMs;
    case 'freeze-active':
    case 'hiccup-active':
    case 'broker-killed':
    case 'registry-away':
    case 'clock-jump':
    case 'cut-off-active':
    case 'lane-paused':
      return trouble.forMs;
    case 'storm':
      return Math.max(...trouble.visits.map(({ joinsAfterMs, staysMs }) => joinsAfterMs + staysMs));
    case 'more-partitions':
    case 'called-back':
    case 'redriven':
      return 0;
  }
}

/** A fault as a line for people. */
export function describeFault(fault: Fault): string {
  const s = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  switch (fault.kind) {
    case 'kill-active':
    case 'kill-standby':
      return `kill -9 of ${fault.kind === 'kill-active' ? 'the active sender' : 'a stand-by'}, back after ${s(fault.backAfterMs)}`;
    case 'stop-active':
      return `SIGTERM of the active sender, back ${s(fault.backAfterMs)} after its end`;
    case 'freeze-active':
      return `SIGSTOP of the active sender for ${s(fault.forMs)}, longer than its session`;
    case 'hiccup-active':
      return `SIGSTOP of the active sender for ${s(fault.forMs)}, shorter than its session`;
    case 'storm':
      return `${fault.visits.length} more senders join and leave within ${s(healsAfterMs(fault))}`;
    case 'broker-killed':
      return `kill -9 of the broker, started again after ${s(fault.forMs)}`;
    case 'registry-away':
      return `registry away for ${s(fault.forMs)}, and ${fault.restartBy} of the active sender`;
    case 'ingest-killed':
    case 'ingest-stopped':
      return `${fault.kind === 'ingest-killed' ? 'kill -9' : 'SIGTERM'} of callback-ingest, back after ${s(fault.backAfterMs)}`;
    case 'more-partitions':
      return `${fault.of === 'status' ? 'the status topic' : `lane ${fault.of}`} gains ${fault.more} partition(s)`;
    case 'clock-jump':
      return `a sender's wall clock jumps ${fault.byMs > 0 ? 'forward' : 'back'} by an hour for ${s(fault.forMs)}`;
    case 'cut-off-active':
      return `the active sender is cut off from Kafka for ${s(fault.forMs)}: ${fault.how}`;
    case 'lane-paused':
      return `an operator pauses ${fault.lane} for ${s(fault.forMs)}`;
    case 'called-back':
      return `an operator calls back ${fault.template} in ${fault.lane}`;
    case 'redriven':
      return `an operator redrives what ended as ${fault.statuses.join(' or ')}`;
    case 'answers':
      return `Verihubs ${fault.mood.name}`;
    case 'callbacks':
      return `callbacks: ${fault.mood.name}`;
  }
}

import type { KafkaRecord } from '@whatsapp-stream/kafka';
import {
  ALL_LANES,
  type Brake,
  type Cancellable,
  type Cancellation,
  type CancelMatch,
  decodeControl,
  isCalledBack,
} from '@whatsapp-stream/schemas';

/** What the operators have said, as a fold over the control topic in its order. */
export interface ControlState {
  /** @returns `changed`, or why the record says nothing to us: the code of what it is not */
  apply(record: Pick<KafkaRecord, 'key' | 'value' | 'timestamp'>): 'changed' | { readonly skipped: string };
  /** What holds a lane back: its own brake, or that of all lanes; null where nothing does. */
  brake(lane: string): Said | null;
  /** What calls a message back; null where nothing does. */
  cancellation(message: Cancellable): Said | null;
  /** Drops cancellations that hold only for what was appended before this time, in ms since the epoch. */
  forgetBefore(time: number): void;
}

/** For people, as it is told in a status event or by `/readyz`. */
export interface Said {
  readonly reason: string;
}

interface Rule extends Said {
  readonly match: CancelMatch;
  readonly until: number;
}

export function createControlState(): ControlState {
  const brakes = new Map<string, Said>();
  const rules = createRules();

  function setBrake(lane: string, brake: Brake | null): void {
    if (!brake?.paused) brakes.delete(lane);
    else
      brakes.set(lane, { reason: sentence(lane === ALL_LANES ? 'all lanes are paused' : 'paused', brake) });
  }

  return {
    apply({ key, value, timestamp }) {
      const decoded = decodeControl(key, value);
      if (!decoded.ok) return { skipped: decoded.code };
      const { change } = decoded;
      if (change.kind === 'brake') setBrake(change.lane, change.brake);
      else rules.set(change.id, change.cancellation && ruleOf(change.cancellation, timestamp));
      return 'changed';
    },
    brake: (lane) => brakes.get(lane) ?? brakes.get(ALL_LANES) ?? null,
    cancellation: rules.find,
    forgetBefore(time) {
      for (const [id, { until }] of rules.all()) if (until < time) rules.set(id, null);
    },
  };
}

/** Those that name a message are found by it: thousands of them cost a message no more than one. */
function createRules() {
  const all = new Map<string, Rule>();
  const byMessage = new Map<string, Map<string, Rule>>();
  const others = new Map<string, Rule>();

  function remove(id: string): void {
    const messageId = all.get(id)?.match.message_id;
    all.delete(id);
    others.delete(id);
    if (messageId === undefined) return;
    const ofMessage = byMessage.get(messageId);
    ofMessage?.delete(id);
    if (ofMessage?.size === 0) byMessage.delete(messageId);
  }

  function add(id: string, rule: Rule): void {
    all.set(id, rule);
    const { message_id: messageId } = rule.match;
    const among = messageId === undefined ? others : (byMessage.get(messageId) ?? new Map<string, Rule>());
    among.set(id, rule);
    if (messageId !== undefined) byMessage.set(messageId, among);
  }

  return {
    all: (): ReadonlyMap<string, Rule> => all,
    /** Puts a rule in the place of the one with its id; null only takes that away. */
    set(id: string, rule: Rule | null): void {
      remove(id);
      if (rule) add(id, rule);
    },
    find(message: Cancellable): Said | null {
      for (const among of [byMessage.get(message.messageId), others]) {
        for (const rule of among?.values() ?? []) {
          if (isCalledBack(rule.match, rule.until, message)) return rule;
        }
      }
      return null;
    },
  };
}

function ruleOf(cancellation: Cancellation, appendedAt: number): Rule {
  const { match, until } = cancellation;
  return { match, until: until ?? appendedAt, reason: sentence('called back', cancellation) };
}

function sentence(what: string, { by, reason }: Pick<Brake, 'by' | 'reason'>): string {
  return `${what}${by ? ` by ${by}` : ''}${reason ? `: ${reason}` : ''}`;
}

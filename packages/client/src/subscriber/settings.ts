import { faultsOfWhere } from '../where.ts';
import type { BackOff } from './back-off.ts';
import type { RunEvents, RunStates, SubscriberOptions } from './port.ts';

/** What a subscriber's options come to. */
export interface Settings {
  readonly group: string;
  readonly from: 'beginning' | 'end' | { readonly timestampMs: number };
  readonly maxUnacknowledged: number;
  readonly dedupeEntries: number;
  readonly backOff: BackOff;
  readonly closeTimeoutMs: number;
  readonly sessionTimeoutMs: number;
}

/**
 * @param lanes the topics of the lanes
 * @throws RangeError that names every fault
 */
export function settingsOf(options: SubscriberOptions, lanes: readonly string[]): Settings {
  const settings: Settings = {
    group: options.group,
    from: options.from instanceof Date ? { timestampMs: options.from.getTime() } : options.from,
    maxUnacknowledged: options.maxUnacknowledged ?? 500,
    dedupeEntries: options.dedupeEntries ?? 10_000,
    backOff: options.retry ?? { minMs: 200, maxMs: 30_000 },
    closeTimeoutMs: options.closeTimeoutMs ?? 10_000,
    sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
  };
  const { from, backOff } = settings;
  const faults = faultsIn({
    'group must be a name': typeof settings.group !== 'string' || settings.group === '',
    "from must be 'beginning', 'end' or a Date":
      typeof from === 'object' ? !(from.timestampMs >= 0) : from !== 'beginning' && from !== 'end',
    'maxUnacknowledged must be a whole number, 1 or more': !isWhole(settings.maxUnacknowledged),
    'dedupeEntries must be a whole number, 1 or more': !isWhole(settings.dedupeEntries),
    'retry.minMs must be more than 0 and not more than retry.maxMs': !(
      backOff.minMs > 0 && backOff.minMs <= backOff.maxMs
    ),
    'closeTimeoutMs must be 0 or more': !(settings.closeTimeoutMs >= 0),
    'sessionTimeoutMs must be 1,000 or more': !(settings.sessionTimeoutMs >= 1_000),
  });
  refuse([...faults, ...faultsOfWhere(options.where ?? {}, lanes)]);
  return settings;
}

/** @throws RangeError that names every fault, also what only JavaScript lets through */
export function checkRun(how: Partial<RunEvents & RunStates> | undefined): void {
  const { onEvent, onState, acknowledge, stateWindowMs = 0, maxMessages = 1 } = how ?? {};
  const [handler, ...more] = [onEvent, onState].filter((one) => one !== undefined);
  const faults = faultsIn({
    'run needs a function, onEvent or onState': typeof handler !== 'function' || more.length > 0,
    // Another one would never be acknowledged.
    'acknowledge must be on-return or on-ack': !['on-return', 'on-ack'].includes(acknowledge ?? 'on-return'),
    'stateWindowMs must be 0 or more': !(stateWindowMs >= 0),
    'maxMessages must be a whole number, 1 or more': !isWhole(maxMessages),
  });
  refuse(faults);
}

const isWhole = (number: number): boolean => Number.isSafeInteger(number) && number >= 1;

const faultsIn = (checks: Readonly<Record<string, boolean>>): readonly string[] =>
  Object.keys(checks).filter((fault) => checks[fault]);

function refuse(faults: readonly string[]): void {
  if (faults.length > 0) throw new RangeError(`the subscriber's options: ${faults.join('; ')}`);
}

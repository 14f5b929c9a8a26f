import { laneOf, STATUS_SYMBOLS, STATUSES, type Status } from '@whatsapp-stream/schemas';
import { Command, InvalidArgumentError } from 'commander';
import { parseTime } from '../durations.ts';
import { unknownLanes } from '../lanes-options.ts';

/** The command line of `npm run redrive`, as it was read. */
export interface RedriveOptions {
  /** ms since the epoch. */
  readonly from: number;
  readonly to?: number;
  readonly status?: readonly string[];
  readonly reason?: readonly string[];
  readonly undecodable?: true;
  readonly lane?: string;
  readonly source?: string;
  readonly template?: string;
  readonly messageId?: string;
  readonly limit?: number;
  readonly dryRun?: true;
  readonly json?: true;
}

/** Which of those that could be redriven are meant; null where it does not matter. */
export interface Choice {
  /** ms since the epoch; from this moment on. */
  readonly from: number;
  /** Before this one; Infinity for no bound. */
  readonly to: number;
  readonly lane: string | null;
  readonly source: string | null;
  readonly template: string | null;
  readonly messageId: string | null;
}

/** What was asked for. */
export type RedriveRequest = { readonly choice: Choice; readonly limit: number; readonly dryRun: boolean } & (
  | {
      readonly kind: 'dead-letters';
      /** null for whatever reason. */
      readonly reasons: ReadonlySet<string> | null;
      /** Also those that would be put aside again. */
      readonly undecodable: boolean;
    }
  | { readonly kind: 'ended'; readonly statuses: ReadonlySet<Status> }
);

/** A message is not redriven that arrived, or that would be too late. */
const NEVER: ReadonlySet<Status> = new Set<Status>(['DELIVERED', 'READ', 'EXPIRED']);
export const REDRIVABLE: readonly Status[] = STATUS_SYMBOLS.filter(
  (status) => STATUSES[status].closing && !NEVER.has(status),
);

export function redriveCommand(): Command {
  return new Command('npm run redrive --')
    .description(
      'Publishes dead letters again, or messages that ended badly. Nothing is ever redriven twice.',
    )
    .requiredOption(
      '--from <time>',
      'put aside, or ended, from then on: 30m, 2h, 7d ago, or 2026-01-31T08:00Z',
      time,
    )
    .option('--to <time>', 'and before then (now)', time)
    .option(
      '--status <status,…>',
      `not dead letters, but messages that ended so: ${REDRIVABLE.join(', ')}`,
      codes,
    )
    .option('--reason <code,…>', 'only dead letters with this dlq_reason', codes)
    .option('--undecodable', 'also dead letters that cannot be read now, and would be put aside again')
    .option('--lane <lane>', 'only of this lane')
    .option('--source <domain>', 'only what this domain published')
    .option('--template <name>', 'only what has this template')
    .option('-m, --message-id <id>', 'only this message')
    .option('--limit <count>', 'at most so many; the next run goes on', count)
    .option('--dry-run', 'looks at everything and publishes nothing')
    .option('--json', 'the summary as a JSON object')
    .addHelpText('after', EXAMPLES);
}

const EXAMPLES = `
What was taken since, has expired, or is redriven already is left out: a run can be interrupted and repeated.
The senders look once more when its slot comes.

Examples:
  npm run redrive -- --from 2h --dry-run
  npm run redrive -- --from 1d --reason UNKNOWN_SCHEMA,NEWER_SCHEMA
  npm run redrive -- --from 1d --status GAVE_UP,REJECTED --lane transactional
  npm run redrive -- --from 2h --status IN_DOUBT --source shop

The cluster is the one of KAFKA_BROKERS and SCHEMA_REGISTRY_URL, or the demo that runs here (npm start).`;

function time(text: string): number {
  const at = parseTime(text, Date.now());
  if (at === undefined)
    throw new InvalidArgumentError('It must be like 90s, 30m, 2h, 7d (ago) or 2026-01-31T08:00Z.');
  return at;
}

function codes(text: string, before: readonly string[] = []): readonly string[] {
  const given = text.split(',').map((code) => code.trim().toUpperCase());
  if (given.some((code) => !/^[A-Z_]+$/.test(code)))
    throw new InvalidArgumentError('It must be one word or more, separated by commas.');
  return [...before, ...given];
}

function count(text: string): number {
  const limit = Number(text);
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new InvalidArgumentError('It must be a whole number from 1.');
  return limit;
}

/**
 * @param topics the lanes' topics
 * @returns every fault of the options together, as sentences, or what they ask for
 */
export function redriveRequest(
  options: RedriveOptions,
  topics: readonly string[],
): { readonly faults: readonly string[] } | RedriveRequest {
  const { from, to = Number.POSITIVE_INFINITY, status, reason } = options;
  const faults = [...statusFaults(options), ...laneFaults(options.lane, topics)];
  if (to <= from) faults.push('--to must be later than --from');
  if (faults.length > 0) return { faults };
  const choice: Choice = {
    from,
    to,
    lane: options.lane ?? null,
    source: options.source ?? null,
    template: options.template ?? null,
    messageId: options.messageId ?? null,
  };
  const common = {
    choice,
    limit: options.limit ?? Number.POSITIVE_INFINITY,
    dryRun: options.dryRun === true,
  };
  if (status !== undefined)
    return { ...common, kind: 'ended', statuses: new Set(status.filter(isRedrivable)) };
  const reasons = reason === undefined ? null : new Set(reason);
  return { ...common, kind: 'dead-letters', reasons, undecodable: options.undecodable === true };
}

function isRedrivable(text: string): text is Status {
  return REDRIVABLE.some((status) => status === text);
}

function statusFaults({ status, reason, undecodable }: RedriveOptions): string[] {
  if (status === undefined) return [];
  const faults = status
    .filter((one) => !isRedrivable(one))
    .map((one) => `--status ${one} cannot be redriven: there are ${REDRIVABLE.join(', ')}`);
  if (reason !== undefined) faults.push('--reason speaks of dead letters: it does not go with --status');
  if (undecodable) faults.push('--undecodable speaks of dead letters: it does not go with --status');
  return faults;
}

function laneFaults(lane: string | undefined, topics: readonly string[]): readonly string[] {
  return unknownLanes(lane === undefined ? [] : [lane], topics).map(
    (one) => `${one} is no lane: there are ${topics.map(laneOf).join(', ')}`,
  );
}

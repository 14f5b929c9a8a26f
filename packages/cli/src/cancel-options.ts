import { type CancelMatch, laneOf } from '@whatsapp-stream/schemas';
import { Command, InvalidArgumentError } from 'commander';
import { type WordsOptions, wordFaults } from './control-topic.ts';
import { parseDuration, parseTime } from './durations.ts';
import { unknownLanes } from './lanes-options.ts';

/** The command line of `npm run cancel`, as it was read. */
export interface CancelOptions extends WordsOptions {
  readonly messageId?: string;
  readonly source?: string;
  readonly template?: string;
  readonly lane?: string;
  readonly allOfLane?: true;
  /** ms since the epoch. */
  readonly until?: number;
  readonly dryRun?: true;
  readonly list?: true;
  readonly undo?: string;
  readonly json?: true;
}

/** What was asked for. */
export type CancelRequest =
  | { readonly kind: 'list' }
  | { readonly kind: 'undo'; readonly id: string }
  | {
      readonly kind: 'cancel';
      readonly match: CancelMatch;
      readonly until: number | null;
      readonly dryRun: boolean;
    };

/** A cancellation that goes on for longer is forgotten by whoever gave it, and then eats messages. */
const LONGEST_AHEAD_MS = 7 * 24 * 60 * 60 * 1_000;

export function cancelCommand(): Command {
  return new Command('npm run cancel --')
    .description('Calls back what is queued: it ends CANCELLED when it would have been sent.')
    .option('-m, --message-id <id>', 'this message')
    .option('--source <domain>', 'what this domain published')
    .option('--template <name>', 'what has this template')
    .option('--lane <lane>', 'only in this lane')
    .option('--all-of-lane', 'with --lane alone: yes, everything in it')
    .option(
      '--until <time>',
      'what was queued up to then: 30m ago, a time like 2026-01-31T08:00Z, or +30m for what comes until then (now)',
      untilOption,
    )
    .option('--reason <text>', 'why; told in the status events')
    .option('--by <name>', 'who says so (the user of this shell)')
    .option('--dry-run', 'only counts what it would call back')
    .option('--list', 'shows the cancellations that were given')
    .option('--undo <id>', 'takes one back')
    .option('--json', 'tells everything as JSON objects, one a line')
    .addHelpText('after', EXAMPLES);
}

const EXAMPLES = `
All that is given must be equal. It holds at once; what it calls back is counted afterwards. Nothing that Verihubs
has taken already can be called back.

Examples:
  npm run cancel -- --template sale_november --lane marketing --reason "wrong price" --dry-run
  npm run cancel -- --source shop --until +30m
  npm run cancel -- --list
  npm run cancel -- --undo 8f3a91c2

The cluster is the one of KAFKA_BROKERS and SCHEMA_REGISTRY_URL, or the demo that runs here (npm start).`;

function untilOption(text: string): number {
  const now = Date.now();
  const ahead = text.startsWith('+') ? parseDuration(text.slice(1)) : undefined;
  const until = ahead === undefined ? parseTime(text, now) : now + ahead;
  if (until === undefined)
    throw new InvalidArgumentError('It must be like 90s, 30m, 2h (ago), +30m, or 2026-01-31T08:00Z.');
  if (until > now + LONGEST_AHEAD_MS) throw new InvalidArgumentError('It must be at most seven days ahead.');
  return until;
}

/**
 * @param topics the lanes' topics
 * @returns every fault of the options together, as sentences, or what they ask for
 */
export function cancelRequest(
  options: CancelOptions,
  topics: readonly string[],
): { readonly faults: readonly string[] } | CancelRequest {
  const match = matchOf(options);
  const faults = [...faultsOf(options, match, topics), ...wordFaults(options)];
  if (faults.length > 0) return { faults };
  if (options.list) return { kind: 'list' };
  if (options.undo !== undefined) return { kind: 'undo', id: options.undo };
  return { kind: 'cancel', match, until: options.until ?? null, dryRun: options.dryRun === true };
}

function matchOf({ messageId, source, template, lane }: CancelOptions): CancelMatch {
  return {
    ...(messageId === undefined ? {} : { message_id: messageId }),
    ...(source === undefined ? {} : { source }),
    ...(template === undefined ? {} : { template }),
    ...(lane === undefined ? {} : { lane }),
  };
}

function faultsOf(options: CancelOptions, match: CancelMatch, topics: readonly string[]): readonly string[] {
  const given = Object.keys(match);
  if (options.list || options.undo !== undefined) return strangersTo(options, given);
  const faults: string[] = [];
  if (given.length === 0) {
    faults.push('what is to be called back? Give --message-id, --source, --template or --lane');
  }
  for (const lane of unknownLanes(match.lane === undefined ? [] : [match.lane], topics)) {
    faults.push(`${lane} is no lane: there are ${topics.map(laneOf).join(', ')}`);
  }
  const wholeLane = given.length === 1 && match.lane !== undefined;
  if (wholeLane && !options.allOfLane) {
    faults.push('--lane alone calls back everything in it: say so with --all-of-lane');
  }
  if (!wholeLane && options.allOfLane) faults.push('--all-of-lane goes with --lane alone');
  return faults;
}

/** What has no place beside `--list` or `--undo`. */
function strangersTo(options: CancelOptions, matching: readonly string[]): readonly string[] {
  const others = (['allOfLane', 'until', 'dryRun', 'reason'] as const).filter(
    (name) => options[name] !== undefined,
  );
  const both = options.list === true && options.undo !== undefined;
  if (!both && matching.length === 0 && others.length === 0) return [];
  return ['--list and --undo stand alone'];
}

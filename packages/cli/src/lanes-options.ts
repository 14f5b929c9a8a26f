import { ALL_LANES, laneOf } from '@whatsapp-stream/schemas';
import { Argument, Command } from 'commander';
import { type WordsOptions, wordFaults } from './control-topic.ts';

/** The command line of `npm run lanes`, as it was read. */
export interface LanesOptions extends WordsOptions {
  readonly watch?: true;
  readonly json?: true;
}

/** What was asked for: to look, or to say something of some lanes. */
export type LanesRequest =
  | { readonly kind: 'show' }
  | { readonly kind: 'brake'; readonly paused: boolean; readonly lanes: readonly string[] };

const ALL = 'all';

export function lanesCommand(): Command {
  return new Command('npm run lanes --')
    .description('Shows what waits in each lane and how fast it goes; pauses lanes, and lets them go on.')
    .addArgument(new Argument('[action]', 'to change something').choices(['pause', 'resume']))
    .argument('[lanes...]', `names of lanes, otp for instance, or ${ALL}`)
    .option('--reason <text>', 'why; shown to whoever looks')
    .option('--by <name>', 'who says so (the user of this shell)')
    .option('-w, --watch', 'stay, and look again every two seconds (Ctrl-C ends it)')
    .option('--json', 'each lane as a JSON object on a line')
    .addHelpText(
      'after',
      `
A lane that is paused is not read: its messages wait, over restarts too, until it is resumed or they expire.
pause all is a brake of its own: resume all takes back that one, and a lane that was paused by its name stays so.

Examples:
  npm run lanes
  npm run lanes -- --watch
  npm run lanes -- pause marketing --reason "wrong price in the campaign"
  npm run lanes -- resume marketing

The cluster is the one of KAFKA_BROKERS and SCHEMA_REGISTRY_URL, or the demo that runs here (npm start).`,
    );
}

/**
 * @param topics the lanes' topics
 * @returns every fault of the command line, as sentences, or what it asks for
 */
export function lanesRequest(
  [action, given]: readonly [string | undefined, readonly string[]],
  options: LanesOptions,
  topics: readonly string[],
): { readonly faults: readonly string[] } | LanesRequest {
  if (action === undefined) {
    const unfit = (['reason', 'by'] as const).filter((name) => options[name] !== undefined);
    const faults = unfit.map((name) => `--${name} goes with pause or resume`);
    return faults.length > 0 ? { faults } : { kind: 'show' };
  }
  const faults = [...laneFaults(action, given, topics), ...wordFaults(options)];
  for (const name of ['watch', 'json'] as const) {
    if (options[name]) faults.push(`--${name} does not go with ${action}`);
  }
  if (faults.length > 0) return { faults };
  const lanes = given.includes(ALL) ? [ALL_LANES] : [...new Set(given)];
  return { kind: 'brake', paused: action === 'pause', lanes };
}

function laneFaults(action: string, given: readonly string[], topics: readonly string[]): string[] {
  const choice = `${topics.map(laneOf).join(', ')}, or ${ALL}`;
  if (given.length === 0) return [`${action} which lane? One of ${choice}`];
  if (given.includes(ALL) && given.length > 1) return [`${ALL} stands alone`];
  return unknownLanes(given, topics)
    .filter((lane) => lane !== ALL)
    .map((lane) => `${lane} is no lane: there are ${choice}`);
}

/** Those of the names that no topic's lane has. */
export function unknownLanes(names: readonly string[], topics: readonly string[]): readonly string[] {
  const lanes = topics.map(laneOf);
  return names.filter((name) => !lanes.includes(name));
}

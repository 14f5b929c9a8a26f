import { Command, Option } from 'commander';
import { type CallbackPlan, DEFAULT_CALLBACK_PLAN } from './callback-plan.ts';
import { codes, probability, range, whole } from './command-values.ts';
import type { DelayRange } from './random.ts';
import type { RetryAfterStyle } from './retry-after.ts';
import type { VerihubsOptions } from './simulator.ts';

/** What the command line asks for. */
export type CommandLine = {
  readonly verihubs: VerihubsOptions;
  readonly logFile: string | null;
  readonly quiet: boolean;
  readonly onStop: 'drop' | 'wait';
};

const LARGEST_PORT = 65_535;

/** Infinity for "off": commander turns a parsed null into an empty string. */
const maxRps = (text: string): number => (text === 'off' ? Number.POSITIVE_INFINITY : whole(1)(text));

type Flags = {
  host: string;
  port: number;
  appId: string;
  apiKey: string;
  maxRps: number;
  countRefused: boolean;
  retryAfter?: number;
  retryAfterAs: RetryAfterStyle;
  latency?: DelayRange;
  arrivalJitter?: DelayRange;
  callbackCodes: number[];
  callbackDelay: DelayRange;
  callbackOrder: CallbackPlan['order'];
  callbackStyle: CallbackPlan['style'];
  callbackWhen: CallbackPlan['when'];
  callbackDuplicates: number;
  callbackLoss: number;
  callbackRetries: number;
  seed: number;
  keep: number;
  openControl: boolean;
  logFile?: string;
  quiet: boolean;
  onStop: CommandLine['onStop'];
};

const HELP_END = `
Faults and callback plans can be changed while it runs, by HTTP under /_simulator;
packages/verihubs-simulator/README.md shows how. Example:
  npm run verihubs -- --port 8090 --log-file verihubs.ndjson
  curl localhost:8090/_simulator/stats`;

function callbackOptions(command: Command): Command {
  const plan = DEFAULT_CALLBACK_PLAN;
  return command
    .addOption(
      new Option('--callback-codes <n,n,…>', 'status codes that every message is called back with')
        .argParser(codes)
        .default([1, 2, 3], '1,2,3'),
    )
    .addOption(
      new Option('--callback-delay <ms>', 'before each callback, fixed or a range as 50..300')
        .argParser(range)
        .default(plan.delayMs, '50..300'),
    )
    .addOption(
      new Option('--callback-order <order>', 'of the callbacks of one message')
        .choices(['in-order', 'reversed', 'shuffled'])
        .default(plan.order),
    )
    .addOption(
      new Option('--callback-style <style>', 'how callbacks are made')
        .choices(['get', 'post-query', 'post-form', 'post-json'])
        .default(plan.style),
    )
    .addOption(
      new Option('--callback-when <when>', 'whether the first callback comes before the answer')
        .choices(['after-answer', 'before-answer'])
        .default(plan.when),
    )
    .addOption(
      new Option('--callback-duplicates <p>', 'probability that a callback is made twice')
        .argParser(probability)
        .default(0),
    )
    .addOption(
      new Option('--callback-loss <p>', 'probability that a callback is never made')
        .argParser(probability)
        .default(0),
    )
    .addOption(
      new Option('--callback-retries <n>', 'how often one that is not answered 200 is made again')
        .argParser(whole(0))
        .default(plan.retries),
    );
}

function apiOptions(command: Command): Command {
  return command
    .addOption(new Option('--host <address>', 'address to listen on').default('127.0.0.1'))
    .addOption(
      new Option('--port <n>', 'port to listen on; 0: any free one')
        .argParser(whole(0, LARGEST_PORT))
        .default(8090),
    )
    .addOption(
      new Option('--app-id <text>', 'the App-ID to ask for').env('VERIHUBS_APP_ID').default('demo-app'),
    )
    .addOption(
      new Option('--api-key <text>', 'the API-Key to ask for').env('VERIHUBS_API_KEY').default('demo-key'),
    )
    .addOption(
      new Option('--max-rps <n>', 'requests allowed in any sliding second, or "off"')
        .argParser(maxRps)
        .default(50),
    )
    .option('--count-refused', 'requests beyond the limit count against it too', false)
    .addOption(
      new Option('--retry-after <s>', 'seconds to tell as Retry-After beyond the limit').argParser(whole(0)),
    )
    .addOption(
      new Option('--retry-after-as <form>', 'how Retry-After tells it')
        .choices(['seconds', 'date'])
        .default('seconds'),
    )
    .addOption(
      new Option('--latency <ms>', 'before every answer, fixed or a range as 20..80').argParser(range),
    )
    .addOption(
      new Option(
        '--arrival-jitter <ms>',
        'how long a request is held on its way before it is counted against the limit, fixed or a range as 0..50',
      ).argParser(range),
    );
}

function createCommand(): Command {
  const command = new Command('verihubs').description(
    "A strict simulator of Verihubs' Send WhatsApp Message V2 API",
  );
  return callbackOptions(apiOptions(command))
    .addOption(
      new Option('--seed <n>', 'of everything that is left to chance').argParser(whole(0)).default(1),
    )
    .addOption(
      new Option('--keep <n>', 'how many events and messages can be listed')
        .argParser(whole(1))
        .default(100_000),
    )
    .option('--open-control', 'serve /_simulator to other machines too', false)
    .option('--log-file <path>', 'append everything it sees to this file, one JSON object a line')
    .option('--quiet', 'print no line per request', false)
    .addOption(
      new Option('--on-stop <how>', 'what becomes of pending callbacks')
        .choices(['drop', 'wait'])
        .default('drop'),
    )
    .addHelpText('after', HELP_END);
}

function toVerihubsOptions(flags: Flags): VerihubsOptions {
  return {
    host: flags.host,
    port: flags.port,
    appId: flags.appId,
    apiKey: flags.apiKey,
    limit: {
      maxRequestsPerSecond: Number.isFinite(flags.maxRps) ? flags.maxRps : null,
      countRefused: flags.countRefused,
      retryAfterSeconds: flags.retryAfter ?? null,
      retryAfterAs: flags.retryAfterAs,
    },
    faults: { latency: flags.latency ?? null, arrivalJitter: flags.arrivalJitter ?? null },
    callbacks: {
      outcomes: [{ codes: flags.callbackCodes, weight: 1 }],
      delayMs: flags.callbackDelay,
      order: flags.callbackOrder,
      style: flags.callbackStyle,
      when: flags.callbackWhen,
      duplicateProbability: flags.callbackDuplicates,
      lossProbability: flags.callbackLoss,
      retries: flags.callbackRetries,
    },
    seed: flags.seed,
    keep: flags.keep,
    openControl: flags.openControl,
  };
}

/** Reads the command line. Prints help, or what is wrong with it, and ends the process where that is due. */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const flags = createCommand().parse(argv).opts<Flags>();
  return {
    verihubs: toVerihubsOptions(flags),
    logFile: flags.logFile ?? null,
    quiet: flags.quiet,
    onStop: flags.onStop,
  };
}

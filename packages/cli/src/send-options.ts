import { randomUUID } from 'node:crypto';
import type { NewMessage } from '@whatsapp-stream/client';
import type { OnDoubt } from '@whatsapp-stream/schemas';
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from './durations.ts';
import type { LineDefaults } from './message-file.ts';

/** The command line of `npm run send`, as it was read. */
export interface SendOptions {
  readonly lane?: string;
  readonly msisdn?: string;
  readonly template?: string;
  readonly lang?: string;
  readonly header?: readonly string[];
  readonly body?: readonly string[];
  readonly button?: string;
  readonly id?: string;
  readonly meta?: Readonly<Record<string, string>>;
  readonly expiresIn?: number;
  readonly source?: string;
  readonly onDoubt?: string;
  readonly file?: string;
  readonly json?: true;
}

const DEFAULT_LANGUAGE = 'id';
const ON_DOUBT: Readonly<Record<string, OnDoubt>> = {
  'lane-default': 'LANE_DEFAULT',
  resend: 'RESEND',
  hold: 'HOLD',
};
/** What speaks of one message, and so has no place beside a file of many. */
const OF_ONE_MESSAGE = ['msisdn', 'template', 'lang', 'header', 'body', 'button', 'id', 'meta'] as const;

export function sendCommand(): Command {
  return new Command('npm run send --')
    .description('Publishes messages: one from the command line, or many from a file.')
    .option('--lane <lane>', 'how urgent: otp, transactional or marketing (or as SEND_TOPICS has them)')
    .option('--msisdn <digits>', 'the recipient: country code and number, digits alone')
    .option('--template <name>', 'the approved template')
    .option('--lang <code>', `the language that it is approved in (${DEFAULT_LANGUAGE})`)
    .option('--header <text>', 'a parameter of its header; may be repeated', collect)
    .option('--body <text>', 'a parameter of its body; may be repeated', collect)
    .option('--button <text>', "the parameter in the URL of the template's button")
    .option('--id <id>', 'the message_id; made when not given. The same id is sent once')
    .option('--meta <key=value>', 'comes back on the status events; may be repeated', collectPair)
    .option('--expires-in <time>', 'not sent later than 90s, 5m, 2h, 1d from now', durationOption)
    .option('--source <domain>', 'the publishing domain (cli)')
    .addOption(
      new Option('--on-doubt <what>', 'if it cannot be known whether Verihubs took it').choices(
        Object.keys(ON_DOUBT),
      ),
    )
    .option(
      '--file <path>',
      'many: one JSON object a line, with the fields of a SendRequest and lane; - is stdin',
    )
    .option('--json', 'tells where each message lies as a JSON object on a line')
    .addHelpText('after', EXAMPLES);
}

const EXAMPLES = `
Everything is checked first: when anything is wrong, nothing is published.
With --file, --lane, --source, --on-doubt and --expires-in hold for the lines that leave them out.

Examples:
  npm run send -- --lane otp --msisdn 628001 --template otp_login --body 123456 --expires-in 5m
  npm run send -- --file messages.ndjson

A line of such a file:
  {"lane":"otp","msisdn":"628001","template":{"name":"otp_login","lang_code":"id","body_params":["123456"]}}

The cluster is the one of KAFKA_BROKERS and SCHEMA_REGISTRY_URL, or the demo that runs here (npm start).`;

function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

function collectPair(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('It must be key=value.');
  return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) };
}

function durationOption(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms === 0) throw new InvalidArgumentError('It must be like 90s, 5m, 2h or 1d.');
  return ms;
}

/** Faults of the options' combination, before anything is read. */
export function optionFaults(options: SendOptions): readonly string[] {
  if (options.file !== undefined) {
    return OF_ONE_MESSAGE.filter((name) => options[name] !== undefined).map(
      (name) => `--${name} speaks of one message: it does not go with --file`,
    );
  }
  return (['lane', 'msisdn', 'template'] as const)
    .filter((name) => options[name] === undefined)
    .map((name) => `--${name} is missing`);
}

/** What the command line says for every message. */
export function defaultsOf(options: SendOptions, nowMs: number): LineDefaults {
  const onDoubt = options.onDoubt === undefined ? undefined : ON_DOUBT[options.onDoubt];
  return {
    ...(options.lane === undefined ? {} : { lane: options.lane }),
    ...(options.source === undefined ? {} : { source: options.source }),
    ...(onDoubt === undefined ? {} : { onDoubt }),
    ...(options.expiresIn === undefined ? {} : { expiresAt: nowMs + options.expiresIn }),
  };
}

/** The one message of a command line without faults. */
export function messageOf(options: SendOptions, nowMs: number): NewMessage {
  const { lane = '', ...defaults } = defaultsOf(options, nowMs);
  return {
    ...defaults,
    lane,
    messageId: options.id ?? randomUUID(),
    msisdn: options.msisdn ?? '',
    template: {
      name: options.template ?? '',
      langCode: options.lang ?? DEFAULT_LANGUAGE,
      headerParams: options.header ?? [],
      bodyParams: options.body ?? [],
      buttonUrlParam: options.button ?? null,
    },
    metadata: options.meta ?? {},
  };
}

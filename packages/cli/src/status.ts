import { readStatus, type Skipped } from '@whatsapp-stream/client';
import type { StartAt } from '@whatsapp-stream/kafka';
import { EXIT } from '@whatsapp-stream/service-kit';
import { Command, InvalidArgumentError } from 'commander';
import { coloursFor } from './colours.ts';
import { aborted, runCommand } from './command.ts';
import { type Connection, connection, reach } from './connection.ts';
import { parseTime } from './durations.ts';
import { ofMessage } from './of-message.ts';
import { journeyView, jsonView, listView, type Output, type StatusView } from './status-view.ts';

interface Options {
  readonly follow?: true;
  readonly messageId?: string;
  readonly since?: number;
  readonly fromBeginning?: true;
  readonly limit: number;
  readonly json?: true;
}

const RECENT_MS = 60 * 60 * 1_000;
/** Far enough back to show what was sent just before. */
const FOLLOWED_MS = 60 * 1_000;
const NOT_FOUND = 1;

const command = new Command('npm run status --')
  .description(
    "Shows what happened to messages: the newest events of the status log, or one message's whole journey.",
  )
  .option('-f, --follow', 'stay, and show what happens from now on (Ctrl-C ends it)')
  .option('-m, --message-id <id>', "one message's journey, then its state")
  .option(
    '-s, --since <time>',
    'from where on: 90s, 5m, 1h, 7d ago, or a time like 2026-01-31T08:00Z (1h; with --follow 1m; with --message-id all)',
    sinceOption,
  )
  .option('--from-beginning', 'from the oldest event that is kept')
  .option('--limit <count>', 'how many of the newest events are listed', limitOption, 500)
  .option('--json', 'each event as a JSON object on a line, in the order of the log, without limit')
  .addHelpText(
    'after',
    `
Examples:
  npm run status
  npm run status -- --follow
  npm run status -- --message-id 2f1c9c0e-8a53-4b7e-9d4e-0a6c1f5f7a10 --follow
  npm run --silent status -- --json --since 1d > events.ndjson

The cluster is the one of KAFKA_BROKERS and SCHEMA_REGISTRY_URL, or the demo that runs here (npm start).`,
  );

function sinceOption(text: string): number {
  const at = parseTime(text, Date.now());
  if (at === undefined)
    throw new InvalidArgumentError('It must be like 90s, 5m, 1h, 7d or 2026-01-31T08:00Z.');
  return at;
}

function limitOption(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1)
    throw new InvalidArgumentError('It must be a whole number from 1.');
  return limit;
}

function startOf(options: Options): StartAt {
  if (options.fromBeginning) return 'beginning';
  if (options.since !== undefined) return { timestampMs: options.since };
  if (options.messageId !== undefined) return 'beginning';
  return { timestampMs: Date.now() - (options.follow ? FOLLOWED_MS : RECENT_MS) };
}

function viewOf(options: Options, output: Output): StatusView {
  if (options.json) return jsonView(output);
  return options.messageId === undefined ? listView(output, options.limit) : journeyView(output);
}

async function status(options: Options, stop: AbortSignal): Promise<number> {
  const output: Output = {
    print: (line) => process.stdout.write(`${line}\n`),
    note: (line) => process.stderr.write(`${line}\n`),
    colours: coloursFor(process.stdout),
    now: Date.now,
  };
  const view = viewOf(options, output);
  const cluster = connection({ program: 'status', note: output.note });
  await reach(cluster);
  await show(cluster, options, view, output, stop);
  if (view.count() > 0 || stop.aborted) return EXIT.ok;
  output.note(
    options.messageId === undefined
      ? `nothing in ${cluster.names.status} in that time: --since looks further back`
      : `nothing in ${cluster.names.status} about the message ${options.messageId}: was it published, does the sender run, is the id whole?`,
  );
  return options.messageId === undefined ? EXIT.ok : NOT_FOUND;
}

async function show(
  cluster: Connection,
  options: Options,
  view: StatusView,
  output: Output,
  stop: AbortSignal,
): Promise<void> {
  const stopped = aborted(stop);
  const wanted = options.messageId === undefined ? () => true : ofMessage(options.messageId);
  const reading = await readStatus({
    kafka: cluster.kafka,
    registry: cluster.registry,
    topic: cluster.names.status,
    from: startOf(options),
    onEvent: (event, record) => {
      if (wanted(event)) view.event(event, record);
    },
    onSkipped: noteFirst(output),
    onWaiting: (error) => output.note(error.message),
  });
  try {
    await Promise.race([reading.caughtUp(), stopped]);
    if (stop.aborted) return;
    view.caughtUp();
    if (options.follow) await Promise.race([reading.failed, stopped]);
  } finally {
    await reading.close();
    if (reading.skipped() > 1) output.note(`${reading.skipped()} records could not be read`);
  }
}

function noteFirst(output: Output): (skipped: Skipped) => void {
  let noted = false;
  return ({ record, code, text }) => {
    if (noted) return;
    noted = true;
    output.note(
      `left out: ${record.topic} ${record.partition}@${record.offset} cannot be read (${code}): ${text}`,
    );
  };
}

await runCommand(command, () => (stop) => status(command.opts<Options>(), stop));

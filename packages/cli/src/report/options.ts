import { Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../durations.ts';
import { timeOption } from '../time-range.ts';

/** The command line of `npm run report`, as it was read. */
export interface ReportCommandOptions {
  /** ms since the epoch. */
  readonly from?: number;
  readonly to?: number;
  readonly parquet?: readonly string[];
  readonly out?: string;
  /** ms */
  readonly after: number;
  readonly timeZone?: string;
  readonly audit?: true;
  readonly json?: true;
}

const MINUTE_MS = 60_000;
const DEFAULT_AFTER_MS = 60 * MINUTE_MS;
export const DEFAULT_OUT = 'report.html';

export function reportCommand(): Command {
  return new Command('npm run report --')
    .description(
      'Writes one HTML page, which opens offline: how far messages came, what failed and why, how long it took, how many there were, and which were never closed.',
    )
    .option('--from <time>', 'events recorded from then on: 90m, 12h, 7d ago, or a time', timeOption)
    .option('--to <time>', 'and before then (now, also where it is later)', timeOption)
    .option('--parquet <path...>', 'not from Kafka, but from these Parquet files, or folders of them')
    .option('-o, --out <file>', `the page (${DEFAULT_OUT}); it is replaced when the new one is whole`)
    .addOption(
      new Option(
        '--after <duration>',
        'a message that is not closed counts when nothing was heard of it for so long: 30m, 2h',
      )
        .argParser(afterOption)
        .default(DEFAULT_AFTER_MS, '60m'),
    )
    .option('--time-zone <zone>', "days and times of the page: Asia/Jakarta, UTC (this machine's)")
    .option(
      '--audit',
      'no page: lists the messages that are not closed, and says by its exit code if there are any',
    )
    .option('--json', 'with --audit: each message as a JSON object on a line')
    .addHelpText('after', MORE);
}

const MORE = `
Times are those of Kafka's log, when it took the record. Without a zone a time on the command line is local; a date
alone is midnight of UTC. Of a message that the range cuts in two only what is within is known. Messages count as not
closed as of the end of the range; of Parquet files without --to, as of their last event.

What is read from Kafka is kept in a temporary folder meanwhile, and removed at the end.
Without --from, --parquet reads all that the files hold. \`npm run replay -- --format parquet\` writes such files.

Exit codes: 0 done, and with --audit: there are none; 1 with --audit: there are some; 64 wrong command line, 65 the
files hold something else, 66 no Parquet files there, 69 Kafka or the registry away, or no such topic, 73 the page
cannot be written there, 74 no space left, 78 wrong environment, 130 interrupted.

Examples:
  npm run report -- --from 7d
  npm run report -- --from 2026-11-01T00:00+07:00 --to 2026-12-01T00:00+07:00 --time-zone Asia/Jakarta --out november.html
  npm run report -- --parquet november/
  npm run --silent report -- --audit --from 1d --after 2h --json

The cluster is the one of KAFKA_BROKERS and SCHEMA_REGISTRY_URL, or the demo that runs here (npm start).`;

function afterOption(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0) throw new InvalidArgumentError('It must be like 30m, 90m or 2h.');
  return ms;
}

import { EXPORT_FORMATS, EXPORT_TOPICS } from '@whatsapp-stream/analytics/export';
import { STATUS_SYMBOLS } from '@whatsapp-stream/schemas';
import { Command, Option } from 'commander';
import { timeOption } from '../time-range.ts';

/** The command line of `npm run replay`, as it was read. */
export interface ReplayCommandOptions {
  /** ms since the epoch. */
  readonly from: number;
  readonly to?: number;
  readonly topic: string;
  readonly status?: readonly string[];
  readonly lane?: readonly string[];
  readonly source?: readonly string[];
  readonly template?: readonly string[];
  readonly messageId?: readonly string[];
  readonly format?: string;
  readonly out?: string;
  readonly states?: true;
  readonly overwrite?: true;
  readonly personalData?: true;
  readonly skipped?: true;
}

export function replayCommand(): Command {
  return new Command('npm run replay --')
    .description(
      'Writes the events of a time range, or the states of messages, to a file, a folder or a pipe. It reads as no consumer group and changes nothing.',
    )
    .requiredOption(
      '--from <time>',
      'recorded from then on: 90m, 12h, 7d ago, or a time (see below)',
      timeOption,
    )
    .option('--to <time>', 'and before then (now, also where it is later)', timeOption)
    .addOption(
      new Option('--topic <which>', "status events, or the lanes' send requests")
        .choices(EXPORT_TOPICS)
        .default('status'),
    )
    .option('--status <status,…>', `only these: ${STATUS_SYMBOLS.join(', ')}`, upperWords)
    .option('--lane <lane,…>', 'only of these lanes', words)
    .option('--source <domain,…>', 'only what these domains published', words)
    .option('--template <name,…>', 'only what has these templates', words)
    .option('-m, --message-id <id,…>', 'only of these messages', words)
    .addOption(
      new Option('--format <format>', 'what is written; otherwise as --out ends, or ndjson').choices(
        EXPORT_FORMATS,
      ),
    )
    .option('-o, --out <path>', 'a file, or for Parquet a folder; without it, to stdout')
    .option('--states', 'the state of each message, folded from its events of that time')
    .option('--overwrite', 'Parquet: replaces the days that are written, where they are there already')
    .option('--personal-data', 'with --topic send: also the phone number and the parameters of the template')
    .option('--skipped', 'lists the records that cannot be read, on stderr')
    .addHelpText('after', MORE);
}

const MORE = `
Times are those of Kafka's log, when it took the record. Without a zone a time is local: 2026-11-02T12:00. A date
alone is midnight of UTC, where Parquet's days begin, too: 2026-11-01.

Formats
  ndjson   an object a line, fields by their names on the wire; times in ms since 1970
  csv      RFC 4180; times in ISO 8601, UTC; maps and lists as JSON
  parquet  files in a folder for each UTC day of recorded_at: FOLDER/day=2026-11-01/. A day that is there already is an
           error, unless --overwrite replaces it by what this range has of it. States are one file.
--out events.csv says the format by itself; --out FOLDER/ is Parquet. A file gets its name when it is whole, and then
replaces the one before; a device or a pipe is no such file. A run that was interrupted leaves nothing; run it again, it
starts anew. What a killed one left, the next run with the same --out puts right.

Callbacks know their message alone: --lane, --source and --template leave out their events, SENT, DELIVERED, READ and
the failures that they tell. With --states these hold for the state of the message, which has them from the sender's
events.

A phone number, and what stands in a message, is in no status event. Send requests hold both, and are written without:
--personal-data adds the columns msisdn, header_params, body_params and button_url_param. Mind who reads the file. What
publishers put into metadata is always written.

Exit codes: 0 done, 64 wrong command line, 69 Kafka or the registry away, or no such topic, 73 the output cannot be
made, or is there already, 74 no space left, 78 wrong environment, 130 interrupted, 141 the reader of the pipe went away.

Examples:
  npm run replay -- --from 2026-11-01 --to 2026-11-02T12:00+07:00 --out november/
  npm run replay -- --from 7d --status FAILED,REJECTED --out failed.csv
  npm run replay -- --from 1d --states --out states.parquet
  npm run --silent replay -- --from 1h --source shop | jq -r .message_id

The cluster is the one of KAFKA_BROKERS and SCHEMA_REGISTRY_URL, or the demo that runs here (npm start).`;

function words(text: string, before: readonly string[] = []): readonly string[] {
  const given = text.split(',').map((word) => word.trim());
  return [...before, ...given.filter((word) => word !== '')];
}

function upperWords(text: string, before?: readonly string[]): readonly string[] {
  return words(text.toUpperCase(), before);
}

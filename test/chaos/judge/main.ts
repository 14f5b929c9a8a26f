/**
 * Reads the simulator's log and the topics, nothing else, and says whether the sender kept its promises:
 * `node test/chaos/judge/main.ts --simulator-log FILE [--json FILE] [--guarded-by MS]`, with the environment of the
 * services. Exit code 0: clean, 1: violations, or nothing is proved, 64: wrong command line, 78: wrong environment, 69:
 * Kafka or the registry cannot be read, 70: what nobody foresaw.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { connectRegistry } from '@whatsapp-stream/schemas';
import { createLogger, EXIT, kafkaFrom, readSettings, topicNames } from '@whatsapp-stream/service-kit';
import { readSimulatorLog } from './read-simulator-log.ts';
import { readTopics } from './read-topics.ts';
import { reportJson, reportLines } from './report.ts';
import { judgeFaults, judgeSettings } from './settings.ts';
import { unproven } from './unproven.ts';
import { judge } from './verdict.ts';

const VIOLATED = 1;
const USAGE = 'Usage: node test/chaos/judge/main.ts --simulator-log FILE [--json FILE] [--guarded-by MS]';

interface CommandLine {
  readonly simulatorLog: string;
  readonly json: string | undefined;
  readonly guardMs: number | null;
}

function fail(code: number, message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function readCommandLine(): CommandLine {
  try {
    const { values } = parseArgs({
      options: {
        'simulator-log': { type: 'string' },
        json: { type: 'string' },
        'guarded-by': { type: 'string' },
      },
    });
    const { 'simulator-log': simulatorLog, json, 'guarded-by': guard } = values;
    if (simulatorLog === undefined) throw new Error('--simulator-log is missing.');
    if (guard !== undefined && !/^\d{1,6}$/.test(guard))
      throw new Error('--guarded-by takes a whole number of ms.');
    return { simulatorLog, json, guardMs: guard === undefined ? null : Number(guard) };
  } catch (error) {
    return fail(EXIT.usage, `${textOf(error)}\n${USAGE}`);
  }
}

function readEnvironment() {
  const result = readSettings(judgeSettings, process.env);
  const faults = result.ok ? judgeFaults(result.values) : result.faults;
  if (result.ok && faults.length === 0) return result.values;
  const list = faults.map((fault) => `\n  - ${fault}`).join('');
  return fail(EXIT.configuration, `the judge cannot start, its environment is wrong:${list}`);
}

async function readLog(path: string) {
  try {
    return readSimulatorLog(await readFile(path, 'utf8'));
  } catch (error) {
    return fail(EXIT.usage, `--simulator-log: ${textOf(error)}`);
  }
}

async function main(): Promise<number> {
  const { simulatorLog, json, guardMs } = readCommandLine();
  const config = readEnvironment();
  const { arrivals, acknowledged, brokenOff } = await readLog(simulatorLog);
  const log = createLogger('judge', config.LOG_LEVEL, process.stderr);
  const topics = await readTopics({
    kafka: kafkaFrom(config, 'whatsapp-stream-judge', log),
    registry: connectRegistry({ url: config.SCHEMA_REGISTRY_URL }),
    names: topicNames(config),
    group: config.SENDER_GROUP,
  }).catch((error: unknown) => fail(EXIT.unavailable, `the topics cannot be read: ${textOf(error)}`));

  const verdict = judge(
    { ...topics, arrivals, acknowledged },
    { maxPerSecond: config.VERIHUBS_MAX_RPS, guardMs, graceMs: config.DOUBT_GRACE_MS.of },
  );
  const doubts = unproven(verdict.figures, brokenOff);
  if (json !== undefined) await writeFile(json, reportJson(verdict));
  for (const line of reportLines(verdict)) process.stdout.write(`${line}\n`);
  for (const doubt of doubts) process.stdout.write(`unproven: ${doubt}\n`);
  return verdict.violations.length + doubts.length === 0 ? EXIT.ok : VIOLATED;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`the judge failed: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = EXIT.software;
}

/**
 * Senders under faults, on a stack of its own: `node test/chaos/run.ts --minutes 5 --seed 7`. The exit code is 0 when
 * every promise was kept, 1 when one was not or a sender failed, 69 when there is no Kafka to be had.
 */
import { EXIT } from '@whatsapp-stream/service-kit';
import { StackError } from '@whatsapp-stream/stack';
import { type ChaosResult, chaos } from './chaos.ts';
import { readCommandLine, USAGE, UsageError } from './command-line.ts';

const NOT_CLEAN = 1;
const INTERRUPTED = 130;
const MINUTE_MS = 60_000;

const say = (line: string) => process.stdout.write(`${line}\n`);
const complain = (line: string) => process.stderr.write(`${line}\n`);

function report({ counts, failures, verdict, folder }: ChaosResult, seed: number): number {
  const clean = verdict === 0 && failures.length === 0;
  const happened = [...counts].toSorted(([a], [b]) => a.localeCompare(b));
  say(`Faults: ${happened.map(([kind, count]) => `${kind} ${count}`).join(', ')}`);
  for (const failure of failures) say(`FAILURE ${failure}`);
  if (folder !== null) say(`Logs are in ${folder}`);
  say(`Seed ${seed}: ${clean ? 'clean' : 'NOT clean'}`);
  return clean ? EXIT.ok : NOT_CLEAN;
}

async function main(): Promise<number> {
  const commandLine = readCommandLine(process.argv.slice(2));
  if (commandLine === null) {
    say(USAGE);
    return EXIT.ok;
  }
  const { minutes, ...options } = commandLine;
  say(`Seed ${options.seed}: ${minutes} min of faults, ${options.replicas} senders`);
  return report(await chaos({ ...options, durationMs: minutes * MINUTE_MS, say }), options.seed);
}

function failWith(error: unknown): number {
  if (error instanceof UsageError) {
    complain(`${error.message.replace(/\.?$/, '.')} --help tells more.`);
    return EXIT.usage;
  }
  if (error instanceof StackError) {
    complain(error.message);
    return EXIT.unavailable;
  }
  complain(error instanceof Error ? String(error.stack) : String(error));
  return EXIT.software;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    say('Interrupted: what was started ends within a few seconds');
    process.exit(INTERRUPTED);
  });
}
process.exitCode = await main().catch(failWith);

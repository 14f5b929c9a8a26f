import { type CommandLine, readCommandLine } from './command-line.ts';
import type { SimulatorEvent } from './events.ts';
import { type LogFile, openLogFile, prettyLine } from './log.ts';
import { startVerihubs, type Verihubs } from './simulator.ts';

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function summary({ control }: Verihubs): string {
  const { requests, taken, overLimit, duplicates, rate } = control.stats();
  return [
    `${requests} requests`,
    `${taken} messages taken`,
    `${duplicates.extraTakings} of them taken again`,
    `${overLimit} over the limit`,
    `at most ${rate.maxInAnySecond} in any second`,
  ].join(', ');
}

/** Stops at the first SIGINT or SIGTERM, as the command line says; at a second one it waits no longer. */
function stopOnSignal(verihubs: Verihubs, logFile: LogFile | null, onStop: CommandLine['onStop']): void {
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) {
      await verihubs.stop('drop');
      return;
    }
    stopping = true;
    const { droppedCallbacks } = await verihubs.stop(onStop);
    await logFile?.close();
    say(`Stopped: ${summary(verihubs)}; ${droppedCallbacks} pending callbacks dropped.`);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

const { verihubs: options, logFile: path, quiet, onStop } = readCommandLine(process.argv);
const logFile =
  path === null ? null : openLogFile(path, (error) => fail(`Cannot write the log: ${error.message}`));
const verihubs = await startVerihubs(options).catch((error: unknown) =>
  fail(`Cannot start: ${messageOf(error)}. If the port is taken, choose another with --port.`),
);

function log(event: SimulatorEvent): void {
  logFile?.write(event);
  if (!quiet) say(prettyLine(event));
}
for (const event of verihubs.control.events()) log(event);
verihubs.control.follow(log);
stopOnSignal(verihubs, logFile, onStop);
say(`Verihubs simulator on ${verihubs.url}; what it sees: ${verihubs.url}/_simulator/stats`);

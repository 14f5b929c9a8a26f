import { InvalidSendRequestError, TopicNotFoundError } from '@whatsapp-stream/client';
import { KafkaUnavailableError, KafkaWriteError } from '@whatsapp-stream/kafka';
import { RegistryUnavailableError, SchemaNotFoundError } from '@whatsapp-stream/schemas';
import { EXIT } from '@whatsapp-stream/service-kit';
import { type Command, CommanderError } from 'commander';

/** Something that a person can put right: told as it is, without a stack trace. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What a run of a command asked for: `code`, after everything that was opened is closed. */
export type CommandRun = (stop: AbortSignal) => Promise<number>;

/** Ended by Ctrl-C before its work was done: 128 and the number of SIGINT, as shells have it. */
export const INTERRUPTED = 130;
/** How long a command that was interrupted may take to close what it opened. */
const CLOSE_WITHIN_MS = 5_000;
/** Without the two dashes npm keeps the options for itself, and hands over their values alone. */
const SEE_HELP = '(npm hands over options only after two dashes; `-- --help` tells them all)';

/**
 * Runs a command's program to its exit code: 64 for a wrong command line, what a `CommandError` says, 70 for
 * what nobody foresaw. Ctrl-C aborts `stop`; a second one ends at once. A reader that went away
 * (`| head`) is no error.
 * @param runOf makes of the parsed command what is to be run
 * @param stdoutFailed is told when nothing more can be written to stdout
 */
export async function runCommand(
  command: Command,
  runOf: () => CommandRun,
  stdoutFailed: (error: NodeJS.ErrnoException) => void = endOnBrokenPipe,
): Promise<void> {
  const stop = new AbortController();
  process.stdout.on('error', stdoutFailed);
  process.stderr.on('error', endOnBrokenPipe);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(INTERRUPTED);
      stop.abort();
      setTimeout(() => process.exit(INTERRUPTED), CLOSE_WITHIN_MS).unref();
    });
  }
  process.exit(await exitCodeOf(command, runOf, stop.signal));
}

async function exitCodeOf(command: Command, runOf: () => CommandRun, stop: AbortSignal): Promise<number> {
  command.exitOverride().showHelpAfterError(SEE_HELP);
  try {
    command.parse();
    return await runOf()(stop);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (stop.aborted) return INTERRUPTED;
    const code = codeOf(error);
    process.stderr.write(`${code === EXIT.software ? failure(command, error) : errorText(error)}\n`);
    return code;
  }
}

/** What people can put right gets a code of its own, and is told without a stack trace. */
function codeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof InvalidSendRequestError) return EXIT.usage;
  const unavailable =
    error instanceof KafkaUnavailableError ||
    error instanceof KafkaWriteError ||
    error instanceof RegistryUnavailableError ||
    error instanceof SchemaNotFoundError ||
    error instanceof TopicNotFoundError ||
    // The Kafka client's own, of a cluster that goes away in the middle.
    (error instanceof Error && error.name.startsWith('KafkaJS'));
  return unavailable ? EXIT.unavailable : EXIT.software;
}

/** @returns what an error says, for people */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function failure(command: Command, error: unknown): string {
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${command.name().replace(/ --$/, '')} failed: ${why}`;
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function endOnBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
}

import type { Logger } from 'pino';
import { createLogger, LOG_LEVELS } from './log.ts';
import { type SecretFiles, secretFiles } from './secret-files.ts';
import { read, readSettings, type SettingsOf, type SettingsSpec } from './settings.ts';

/** Exit codes of our programs, from sysexits.h where it has one. */
export const EXIT = { ok: 0, usage: 64, unavailable: 69, software: 70, configuration: 78 } as const;

/** How long a service may take to stop before it is ended by force. */
export const STOP_WITHIN_MS = 15_000;

export const logSettings = {
  LOG_LEVEL: {
    describe: `How much is logged: ${LOG_LEVELS.join(', ')}.`,
    default: 'info',
    schema: read.oneOf(LOG_LEVELS),
  },
} as const satisfies SettingsSpec;

/** A service while it runs. */
export interface RunningService {
  /** Resolves never, or rejects with what the service cannot go on from. */
  readonly failed: Promise<never>;
  /** Ends in order: nothing new starts, what is under way ends and is recorded. */
  stop(): Promise<void>;
}

export interface ServiceDefinition<S extends SettingsSpec> {
  readonly name: string;
  readonly settings: S;
  /** Checks over several settings at once; each fault is a sentence. */
  readonly check?: (values: SettingsOf<S>) => readonly string[];
  /**
   * Returns soon: what must be waited for (a broker, a registry) is waited for in the background.
   * @param secrets reads those again that came from files
   */
  start(values: SettingsOf<S>, log: Logger, secrets: SecretFiles<S>): Promise<RunningService>;
}

/**
 * The whole life of a service process: settings, start, SIGTERM or SIGINT, stop within 15 s, exit code.
 * A wrong environment ends with one message that lists every fault and code 78; a failure from which the
 * service cannot go on with code 70.
 */
export async function runService<S extends SettingsSpec>(definition: ServiceDefinition<S>): Promise<void> {
  const own = readSettings(definition.settings, process.env);
  const logging = readSettings(logSettings, process.env);
  const faults = [own, logging].flatMap((result) => (result.ok ? [] : result.faults));
  if (own.ok) faults.push(...(definition.check?.(own.values) ?? []));
  if (!own.ok || !logging.ok || faults.length > 0) {
    process.stderr.write(`${definition.name} cannot start, its environment is wrong:\n`);
    for (const fault of faults) process.stderr.write(`  - ${fault}\n`);
    process.exit(EXIT.configuration);
  }
  const log = createLogger(definition.name, logging.values.LOG_LEVEL);
  const stopAsked = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal));
  });
  const start = () => definition.start(own.values, log, secretFiles(definition.settings, process.env));
  process.exit(await live(definition.name, start, log, stopAsked));
}

async function live(
  name: string,
  start: () => Promise<RunningService>,
  log: Logger,
  stopAsked: Promise<string>,
): Promise<number> {
  let service: RunningService | undefined;
  let code: number = EXIT.ok;
  try {
    service = await start();
    const signal = await Promise.race([stopAsked, service.failed]);
    log.info({ signal }, 'stopping');
  } catch (error) {
    log.fatal({ err: error }, `${name} cannot go on`);
    code = EXIT.software;
  }
  const forced = setTimeout(() => {
    log.fatal(`not stopped within ${STOP_WITHIN_MS} ms: ended by force`);
    process.exit(EXIT.software);
  }, STOP_WITHIN_MS);
  try {
    await service?.stop();
    log.info('stopped');
  } catch (error) {
    log.error({ err: error }, 'stopping failed');
    code = EXIT.software;
  }
  clearTimeout(forced);
  return code;
}

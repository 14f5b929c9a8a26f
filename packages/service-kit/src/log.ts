import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Fields that must never reach a log, wherever somebody puts them by mistake. The rule is that nobody logs
 * them; this is the net below it.
 */
const NEVER_LOGGED = ['msisdn', 'template', 'body_params', 'header_params', 'token', 'session_id', 'api_key'];

/**
 * JSON lines on stdout, one object a line, with the service's name and ISO time.
 * @param destination where lines go; stdout by default
 */
export function createLogger(name: string, level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    name,
    level,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }), bindings: () => ({ name }) },
    redact: { paths: NEVER_LOGGED.flatMap((field) => [field, `*.${field}`]), censor: '[removed]' },
  };
  // Written at once: a line that waits is lost when the process ends, and waiting lines hang it when nobody reads.
  return pino(options, destination ?? pino.destination({ fd: 1, sync: true }));
}

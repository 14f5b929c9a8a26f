import type { logCreator } from 'kafkajs';
import { logLevel } from './client-library.ts';

/** What this package needs of a logger; pino's has this shape. */
export interface KafkaLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Every member hears it at each join and leave of another, on several requests: it is no trouble. */
const REBALANCING = 'The group is rebalancing, so a rejoin is needed';

/**
 * kafkajs' own lines, a level lower than it has them: what it calls an error is mostly a retry, and what
 * cannot be retried reaches us as an exception.
 */
export function kafkaJsLogCreator(log: KafkaLog): logCreator {
  return () =>
    ({ namespace, level, log: { message, ...fields } }) => {
      const { timestamp: _, logger: __, stack: ___, ...rest } = fields as Record<string, unknown>;
      const entry: Record<string, unknown> = { kafkajs: namespace, ...rest };
      if (level === logLevel.ERROR && entry['error'] !== REBALANCING) log.warn(entry, message);
      else log.debug(entry, message);
    };
}

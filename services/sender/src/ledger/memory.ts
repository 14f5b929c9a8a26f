import type { SenderConfig } from '../config.ts';
import { createLedger, type Ledger, type LedgerOptions } from './ledger.ts';
import { createSettledMessages } from './settled.ts';
import { followLog, type StatusLog, type StatusLogOptions } from './status-log.ts';

/** What a process knows of messages, and the log that it learns it from. */
export interface Memory {
  readonly ledger: Ledger;
  readonly statusLog: StatusLog;
}

export type MemoryOptions = Pick<LedgerOptions, 'append'> &
  Pick<StatusLogOptions, 'kafka' | 'decoder' | 'onLearnt' | 'onSkipped' | 'onFailed' | 'clock' | 'log'> & {
    readonly config: SenderConfig;
  };

/** Begins to follow the status log, and folds it into a ledger. */
export function createMemory({ append, config, ...options }: MemoryOptions): Memory {
  const settled = createSettledMessages({
    windowMs: config.DEDUPE_WINDOW_MS,
    maxMessages: config.DEDUPE_MAX_MESSAGES,
  });
  const ledger = createLedger({ append, settled, clock: options.clock });
  const statusLog = followLog({
    ...options,
    statusTopic: config.STATUS_TOPIC,
    sendTopics: config.SEND_TOPICS,
    group: config.SENDER_GROUP,
    ledger,
    settled,
    dedupeWindowMs: config.DEDUPE_WINDOW_MS,
  });
  return { ledger, statusLog };
}

export { type Appender, type AppenderOptions, createAppender } from './appender.ts';
export { endsOf, offsetsOf, withAdmin } from './asking.ts';
export { type Backlog, backlogs, depthOf, type Offsets, progress, waitingIn } from './backlog.ts';
export { inBatches } from './batches.ts';
export { createKafka, type KafkaOptions } from './connect.ts';
export type { KafkaLog } from './kafkajs-log.ts';
export * from './port.ts';
export { timeOf } from './time-of.ts';

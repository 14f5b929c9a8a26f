/**
 * kafkajs is CommonJS whose named exports Node cannot see: everything that is a value comes through here. Types
 * are imported from `kafkajs` itself.
 */
import { createRequire } from 'node:module';
import { groupMessagesWithoutCopies } from './message-grouping.ts';
import { frameRequestsAtOnce } from './request-framing.ts';

groupMessagesWithoutCopies();
frameRequestsAtOnce();
const kafkajs: typeof import('kafkajs') = createRequire(import.meta.url)('kafkajs');

export const {
  AssignerProtocol,
  CompressionCodecs,
  CompressionTypes,
  ConfigResourceTypes,
  Kafka: KafkaJs,
  KafkaJSNonRetriableError,
  KafkaJSProtocolError,
  logLevel,
  Partitioners,
} = kafkajs;

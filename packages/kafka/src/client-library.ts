/**
 * kafkajs is CommonJS whose named exports Node cannot see: everything that is a value comes through here. Types
 * are imported from `kafkajs` itself.
 */
import kafkajs from 'kafkajs';

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

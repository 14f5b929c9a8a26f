/**
 * What other domains use: publish, subscribe, replay. Beside this package's own, all that its functions take, give and
 * throw of the packages that it is made of.
 */
export {
  createKafka,
  type Kafka,
  type KafkaLog,
  type KafkaOptions,
  type KafkaRecord,
  KafkaUnavailableError,
  KafkaWriteError,
  type OffsetGap,
  type RecordPosition,
  type TopicPartition,
} from '@whatsapp-stream/kafka';
export {
  connectRegistry,
  DEFAULT_TOPIC_NAMES,
  foldEvent,
  foldEvents,
  type MessageState,
  mergeStates,
  type OnDoubt,
  type Origin,
  type RegistryOptions,
  RegistryUnavailableError,
  SchemaNotFoundError,
  type SchemaRegistry,
  type SendRequest,
  STATUSES,
  type Status,
  type StatusEvent,
  type StatusFacts,
  type Template,
  type TopicNames,
} from '@whatsapp-stream/schemas';
export { faultsOfMessage, type MessageRules } from './check-message.ts';
export {
  type BrokerOptions,
  type Cluster,
  type ClusterOptions,
  clusterOf,
  type KnownKafka,
} from './cluster.ts';
export { InvalidRangeError, InvalidSendRequestError, TopicNotFoundError } from './errors.ts';
export type { MessageTemplate, NewMessage, TraceContext } from './message.ts';
export type { Region } from './phone-number.ts';
export { createPublisher, type Publisher, type PublisherOptions, type Receipt } from './publisher.ts';
export { type ReadStatusOptions, readStatus, type Skipped, type StatusReading } from './read-status.ts';
export type { Replayed, ReplayOptions, Where } from './replay/port.ts';
export { replay, replayBatches, replaySendBatches } from './replay/replay.ts';
export type {
  Delivery,
  FailedDelivery,
  Handler,
  RunEvents,
  RunStates,
  Subscriber,
  SubscriberHooks,
  SubscriberOptions,
  SubscriberStats,
} from './subscriber/port.ts';
export { createSubscriber } from './subscriber/subscriber.ts';

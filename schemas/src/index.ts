export { cloudEventHeaders, STATUS_EVENT_TYPE } from './cloud-event.ts';
export {
  createDecoder,
  createEncoder,
  type Decoded,
  type Decoder,
  type Encoder,
  type Events,
  type Undecoded,
} from './codec.ts';
export { callbackEventId, senderEventId } from './event-id.ts';
export { foldEvent, foldEvents, type MessageState, mergeStates } from './fold.ts';
export {
  type Compatibility,
  connectRegistry,
  type RegistryOptions,
  type SchemaRegistry,
} from './registry.ts';
export { RegistryUnavailableError, SchemaNotFoundError, SchemaRefusedError } from './registry-errors.ts';
export { SCHEMA_TEXTS } from './schema-texts.ts';
export { STATUSES, type StatusFacts, statusOfCode } from './statuses.ts';
export {
  DEFAULT_TOPIC_NAMES,
  type EventName,
  laneOf,
  subjectOf,
  type TopicNames,
  type TopicSpec,
  topicSpecs,
} from './topics.ts';
export * from './types.generated.ts';
export { faultsOf } from './validate.ts';

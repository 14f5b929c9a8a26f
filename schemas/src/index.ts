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
export {
  ALL_LANES,
  type Brake,
  type Cancellable,
  type Cancellation,
  type CancelMatch,
  type ControlChange,
  type DecodedControl,
  decodeControl,
  encodeControl,
  holdsPhoneNumber,
  isCalledBack,
} from './control.ts';
export { callbackEventId, deadLetterId, senderEventId } from './event-id.ts';
export { foldEvent, foldEvents, type MessageState, mergeStates } from './fold.ts';
export {
  REDRIVE_ATTEMPTS_HEADER,
  REDRIVE_NOT_BEFORE_HEADER,
  REDRIVE_OF_HEADER,
  type Redrive,
  readRedriveHeaders,
  redriveHeaders,
  redriveSuffix,
  redriveUnit,
} from './redrive.ts';
export {
  type Compatibility,
  connectRegistry,
  type RegistryOptions,
  type SchemaRegistry,
} from './registry.ts';
export { RegistryUnavailableError, SchemaNotFoundError, SchemaRefusedError } from './registry-errors.ts';
export { SCHEMA_TEXTS } from './schema-texts.ts';
export { positionOf, settledPosition } from './status-order.ts';
export { STATUSES, type StatusFacts, statusOfCode } from './statuses.ts';
export { foldTaking, isTaken, NO_TAKINGS, stillTaken, type Takings, tellsFailure } from './taken.ts';
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

export { InvalidSendRequestError, TopicNotFoundError } from './errors.ts';
export { faultsOfMessage, type NewMessage, type TraceContext, topicOfLane } from './message.ts';
export { createPublisher, type Publisher, type PublisherOptions, type Receipt } from './publisher.ts';
export { type ReadStatusOptions, readStatus, type Skipped, type StatusReading } from './read-status.ts';

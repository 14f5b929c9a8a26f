/**
 * Whether an error of kafkajs, or one that it caused, says that no broker answered as it should, so that the same can
 * succeed later. That a topic does not exist is not meant, although kafkajs tries that again, too.
 */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.cause !== undefined) return isUnreachable(error.cause);
  const isMissing = 'type' in error && error.type === 'UNKNOWN_TOPIC_OR_PARTITION';
  return isPassing(error) && !isMissing;
}

/** Whether an error of kafkajs is of those that pass by themselves. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    ('retriable' in error && error.retriable === true) || error.name === 'KafkaJSNumberOfRetriesExceeded'
  );
}

/**
 * Runs an owner's handlers. None may throw; the first that does ends the consumer by `end`, and says why:
 * what the owner had noted is not known any more, so going on could lose a record. Left to kafkajs the
 * exception would be retried, or end the consumer without anybody hearing of it.
 */
export type Guard = (handler: () => void) => void;

export function createGuard(end: (error: Error) => void): Guard {
  return (handler) => {
    try {
      handler();
    } catch (error) {
      end(new Error('a handler of Kafka records threw', { cause: error }));
    }
  };
}

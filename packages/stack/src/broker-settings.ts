import { randomBytes } from 'node:crypto';

/**
 * What a single broker that is also its controller needs, whichever way it runs: internal topics on one
 * broker and of few partitions, no topic created by touching it, no waiting for more members of a group,
 * a cleaner that does not reserve a fourth of the heap, and a short session with its controller: a broker that was
 * killed can register again only when the one before it has been given up.
 */
export const COMMON_SETTINGS: Readonly<Record<string, string>> = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  'auto.create.topics.enable': 'false',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'share.coordinator.state.topic.num.partitions': '1',
  'group.initial.rebalance.delay.ms': '0',
  'log.cleaner.dedupe.buffer.size': '8388608',
  'num.network.threads': '2',
  'num.io.threads': '4',
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '1000',
};

/** A new cluster's id: a random UUID in Kafka's form. Kafka's own never begin with `-`, which looks like an option. */
export function newClusterId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? newClusterId() : id;
}

/** As a Java properties file. Names and values here hold nothing that would need escaping but backslashes. */
export const asProperties = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value.replaceAll('\\', '\\\\')}\n`)
    .join('');

/** As the environment of the image apache/kafka. */
export const asContainerEnvironment = (settings: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      `KAFKA_${name.toUpperCase().replaceAll('.', '_')}`,
      value,
    ]),
  );

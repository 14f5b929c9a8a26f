import { createKafka, type Kafka, type KafkaLog, type KafkaOptions } from '@whatsapp-stream/kafka';
import { DEFAULT_TOPIC_NAMES, laneOf, type TopicNames } from '@whatsapp-stream/schemas';
import { read, type SettingsOf, type SettingsSpec } from './settings.ts';

const BROKER = /^[^\s:,]+:\d{1,5}$/;
const TOPIC = /^[a-zA-Z0-9._-]{1,249}$/;

/** How to reach Kafka. */
export const kafkaSettings = {
  KAFKA_BROKERS: {
    describe: 'Bootstrap servers of the Kafka cluster, `host:port`, comma-separated.',
    schema: read.list('host:port', BROKER),
  },
  KAFKA_SSL: { describe: 'Connect to Kafka by TLS.', default: 'false', schema: read.flag() },
  KAFKA_SASL_MECHANISM: {
    describe: 'SASL mechanism, when Kafka asks for one: plain, scram-sha-256 or scram-sha-512.',
    optional: true,
    schema: read.oneOf(['plain', 'scram-sha-256', 'scram-sha-512']),
  },
  KAFKA_SASL_USERNAME: { describe: 'SASL user name.', optional: true, secret: true, schema: read.text() },
  KAFKA_SASL_PASSWORD: { describe: 'SASL password.', optional: true, secret: true, schema: read.text() },
} as const satisfies SettingsSpec;

/** Where the Avro schemas are. */
export const registrySettings = {
  SCHEMA_REGISTRY_URL: {
    describe: 'Confluent-compatible schema registry; credentials may stand in the URL.',
    secret: true,
    schema: read.url(),
  },
} as const satisfies SettingsSpec;

/** The names of the topics. */
export const topicSettings = {
  SEND_TOPICS: {
    describe: "The lanes, most urgent first; a lane's name is the last segment of its topic.",
    default: DEFAULT_TOPIC_NAMES.lanes.join(','),
    schema: read.list('topic names', TOPIC),
  },
  STATUS_TOPIC: {
    describe: 'Where status events are written.',
    default: DEFAULT_TOPIC_NAMES.status,
    schema: read.topic(),
  },
  DLQ_TOPIC: {
    describe: 'Where records that are no send requests go.',
    default: DEFAULT_TOPIC_NAMES.deadLetter,
    schema: read.topic(),
  },
  CONTROL_TOPIC: {
    describe: "The operators' brakes and cancellations.",
    default: DEFAULT_TOPIC_NAMES.control,
    schema: read.topic(),
  },
} as const satisfies SettingsSpec;

/** Whose committed offsets tell what waits. */
export const groupSettings = {
  SENDER_GROUP: {
    describe: 'Consumer group of all replicas that share one Verihubs account.',
    default: 'whatsapp-sender',
    schema: read.text(),
  },
} as const satisfies SettingsSpec;

type KafkaValues = SettingsOf<typeof kafkaSettings>;
type TopicValues = SettingsOf<typeof topicSettings>;

/** Faults that only several settings together can have. */
export function kafkaFaults(values: KafkaValues): readonly string[] {
  const given = [values.KAFKA_SASL_MECHANISM, values.KAFKA_SASL_USERNAME, values.KAFKA_SASL_PASSWORD];
  const count = given.filter((value) => value !== undefined).length;
  if (count === 0 || count === given.length) return [];
  return [
    'KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD go together: set all three or none',
  ];
}

export function topicFaults(values: TopicValues): readonly string[] {
  const lanes = values.SEND_TOPICS.map(laneOf);
  const twice = lanes.find((lane, i) => lanes.indexOf(lane) !== i);
  return twice === undefined
    ? []
    : [`SEND_TOPICS names the lane ${twice} twice: the last segments must differ`];
}

export function topicNames(values: TopicValues): TopicNames {
  return {
    lanes: values.SEND_TOPICS,
    status: values.STATUS_TOPIC,
    deadLetter: values.DLQ_TOPIC,
    control: values.CONTROL_TOPIC,
  };
}

/** The cluster that the settings name; connects only when used. */
export function kafkaFrom(values: KafkaValues, clientId: string, log: KafkaLog): Kafka {
  return createKafka({ ...kafkaOptions(values, clientId), log });
}

/** The way to that cluster in plain values. */
export function kafkaOptions(values: KafkaValues, clientId: string): Omit<KafkaOptions, 'log'> {
  const {
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: username,
    KAFKA_SASL_PASSWORD: password,
  } = values;
  return {
    brokers: values.KAFKA_BROKERS,
    clientId,
    ssl: values.KAFKA_SSL,
    ...(mechanism && username && password ? { sasl: { mechanism, username, password } } : {}),
  };
}

/** A URL without user, password or query, to be shown to people. */
export function shownUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}

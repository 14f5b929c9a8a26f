/** The events of the system, by the name of their Avro record. */
export type EventName = 'SendRequest' | 'StatusEvent';

/** What the topics are called in this deployment. */
export interface TopicNames {
  /** The lanes, the most urgent first. */
  readonly lanes: readonly string[];
  readonly status: string;
  readonly deadLetter: string;
  readonly control: string;
}

export const DEFAULT_TOPIC_NAMES: TopicNames = {
  lanes: ['whatsapp.send.otp', 'whatsapp.send.transactional', 'whatsapp.send.marketing'],
  status: 'whatsapp.status',
  deadLetter: 'whatsapp.send.dlq',
  control: 'whatsapp.control',
};

/** One row of the table event → topic → subject, with how the topic is to be created. */
export interface TopicSpec {
  readonly topic: string;
  readonly role: 'lane' | 'status' | 'dead-letter' | 'control';
  /** The event in its values; null where they are not of one schema of ours. */
  readonly event: EventName | null;
  /** The registry's subject for that event; null where there is none. */
  readonly subject: string | null;
  readonly partitions: number;
  /**
   * The topic's settings, by their Kafka names. What depends on the replication factor
   * (`min.insync.replicas`) is not among them.
   */
  readonly config: Readonly<Record<string, string>>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Kafka's own default (1 MiB and a batch header), written down so that the larger topics stay larger. */
const LANE_MAX_MESSAGE_BYTES = 1_048_588;
/**
 * A dead letter is a lane's record and six headers; a status event carries a request's metadata and more. The
 * largest record that a lane takes must fit into both, or it could be neither settled nor put aside.
 */
const DERIVED_MAX_MESSAGE_BYTES = 2 * LANE_MAX_MESSAGE_BYTES;

/** @returns the lane's name: the last segment of its topic, `otp` for `whatsapp.send.otp` */
export function laneOf(topic: string): string {
  return topic.slice(topic.lastIndexOf('.') + 1);
}

/** @returns the registry's subject for a topic's values, by Confluent's TopicNameStrategy */
export function subjectOf(topic: string): string {
  return `${topic}-value`;
}

/** @returns the whole table for these names: the lanes in their order, then status, dead letters and control */
export function topicSpecs(names: TopicNames): readonly TopicSpec[] {
  return [
    ...names.lanes.map(laneSpec),
    statusSpec(names.status),
    deadLetterSpec(names.deadLetter),
    controlSpec(names.control),
  ];
}

function laneSpec(topic: string): TopicSpec {
  return {
    topic,
    role: 'lane',
    event: 'SendRequest',
    subject: subjectOf(topic),
    partitions: 6,
    config: {
      'cleanup.policy': 'delete',
      'retention.ms': String(7 * DAY_MS),
      'message.timestamp.type': 'LogAppendTime',
      'max.message.bytes': String(LANE_MAX_MESSAGE_BYTES),
    },
  };
}

function statusSpec(topic: string): TopicSpec {
  return {
    topic,
    role: 'status',
    event: 'StatusEvent',
    subject: subjectOf(topic),
    partitions: 12,
    config: {
      'cleanup.policy': 'delete',
      'retention.ms': String(30 * DAY_MS),
      'message.timestamp.type': 'LogAppendTime',
      'max.message.bytes': String(DERIVED_MAX_MESSAGE_BYTES),
    },
  };
}

function deadLetterSpec(topic: string): TopicSpec {
  return {
    topic,
    role: 'dead-letter',
    event: null,
    subject: null,
    partitions: 3,
    config: {
      'cleanup.policy': 'delete',
      'retention.ms': String(30 * DAY_MS),
      // A broker refuses a writer's own time when it is an hour ahead; when the record came is in its headers.
      'message.timestamp.type': 'LogAppendTime',
      'max.message.bytes': String(DERIVED_MAX_MESSAGE_BYTES),
    },
  };
}

function controlSpec(topic: string): TopicSpec {
  return {
    topic,
    role: 'control',
    event: null,
    subject: null,
    partitions: 1,
    config: {
      'cleanup.policy': 'compact',
      'retention.ms': '-1',
      // A cancellation without a time of its own holds up to when it was appended, by the brokers' clocks as the lanes.
      'message.timestamp.type': 'LogAppendTime',
    },
  };
}

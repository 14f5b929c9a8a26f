import { DEFAULT_TOPIC_NAMES, laneOf, type TopicSpec, topicSpecs } from '../../schemas/src/index.ts';
import type { Json, JsonObject } from './json.ts';
import { ref } from './json.ts';
import type { KAFKA_MESSAGES } from './kafka-messages.ts';
import * as words from './words.ts';

type MessageName = keyof typeof KAFKA_MESSAGES;
type Role = TopicSpec['role'];

const DAY_MS = 24 * 60 * 60 * 1000;
/** In production; with as many, two must have a record before it counts as written. */
const REPLICAS = 3;

const MESSAGES: Readonly<Record<Role, readonly MessageName[]>> = {
  lane: ['sendRequest'],
  status: ['statusEvent'],
  'dead-letter': ['deadLetter'],
  control: ['brake', 'cancellation'],
};
const NAMES: Readonly<Record<Exclude<Role, 'lane'>, string>> = {
  status: 'status',
  'dead-letter': 'deadLetters',
  control: 'control',
};

const SPECS = topicSpecs(DEFAULT_TOPIC_NAMES);

/** The name of a topic's channel in the document: `sendOtp`, `status`. */
export function channelName({ role, topic }: TopicSpec): string {
  return role === 'lane' ? `send${capital(laneOf(topic))}` : NAMES[role];
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** All topics as the set-up command creates them. */
export function kafkaChannels(): JsonObject {
  return Object.fromEntries(SPECS.map((spec) => [channelName(spec), channelOf(spec)]));
}

function channelOf(spec: TopicSpec): JsonObject {
  const names = MESSAGES[spec.role];
  return {
    address: spec.topic,
    title: titleOf(spec),
    description: `${descriptionOf(spec)}\n\n${figuresOf(spec)}`,
    servers: [ref('servers', 'kafka')],
    messages: Object.fromEntries(names.map((name) => [name, ref('components', 'messages', name)])),
    bindings: {
      kafka: {
        topic: spec.topic,
        partitions: spec.partitions,
        replicas: REPLICAS,
        topicConfiguration: Object.fromEntries(Object.entries(spec.config).map(typedSetting)),
        bindingVersion: '0.5.0',
      },
    },
  };
}

function titleOf({ role, topic }: TopicSpec): string {
  if (role === 'lane') return `Lane ${laneOf(topic)}`;
  return { status: 'Status', 'dead-letter': 'Dead letters', control: 'Control' }[role];
}

function descriptionOf({ role, topic }: TopicSpec): string {
  switch (role) {
    case 'lane':
      return `${words.LANES[laneOf(topic)]}\n\n${words.LANE}`;
    case 'status':
      return words.STATUS_CHANNEL;
    case 'dead-letter':
      return words.DEAD_LETTERS;
    case 'control':
      return words.CONTROL;
  }
}

/** What a reader asks first, in words: the settings stand in the binding. */
function figuresOf({ partitions, subject, config }: TopicSpec): string {
  const retentionMs = Number(config['retention.ms']);
  const kept = retentionMs < 0 ? 'kept for ever' : `kept ${retentionMs / DAY_MS} days`;
  const how = config['cleanup.policy'] === 'compact' ? 'compacted, ' : '';
  const registered = subject === null ? '' : `; subject \`${subject}\``;
  return `${partitions === 1 ? 'One partition' : `${partitions} partitions`}, ${how}${kept}; replication factor ${REPLICAS} in production, with \`min.insync.replicas=2\`${registered}.`;
}

/** The binding wants numbers and lists where Kafka has texts. */
function typedSetting([name, text]: readonly [string, string]): readonly [string, Json] {
  if (name === 'cleanup.policy') return [name, text.split(',')];
  return [name, /^-?\d+$/.test(text) ? Number(text) : text];
}

/** What this system does at each topic. */
export function kafkaOperations(): JsonObject {
  return Object.fromEntries(
    SPECS.map((spec) => {
      const receives = spec.role === 'lane' || spec.role === 'control';
      const channel = channelName(spec);
      return [
        `${receives ? 'receive' : 'publish'}${capital(channel)}`,
        {
          action: receives ? 'receive' : 'send',
          channel: ref('channels', channel),
          summary: summaryOf(spec),
          messages: MESSAGES[spec.role].map((name) => ref('channels', channel, 'messages', name)),
        },
      ];
    }),
  );
}

function summaryOf({ role, topic }: TopicSpec): string {
  switch (role) {
    case 'lane':
      return `Publish here to have messages of the lane ${laneOf(topic)} sent.`;
    case 'status':
      return 'Subscribe here to know what became of messages.';
    case 'dead-letter':
      return 'Subscribe here to see what was no send request.';
    case 'control':
      return 'Write here to hold lanes back and to call messages back.';
  }
}

import { type Admin, type Kafka, type KafkaRecord, withAdmin } from '@whatsapp-stream/kafka';
import {
  createDecoder,
  type Decoder,
  faultsOf,
  type SchemaRegistry,
  type SendRequest,
  type StatusEvent,
  type TopicNames,
} from '@whatsapp-stream/schemas';
import type { Commit, DeadLetter, History, LoggedEvent, RecordAt, SendRecord } from './history.ts';
import { readGroupCommit } from './offset-commit.ts';
import { readToEnd } from './read-to-end.ts';

export interface Source {
  readonly kafka: Pick<Kafka, 'admin' | 'readTopic'>;
  readonly registry: Pick<SchemaRegistry, 'schemaById'>;
  readonly names: Pick<TopicNames, 'lanes' | 'status' | 'deadLetter'>;
  /** Of the senders. */
  readonly group: string;
}

const COMMITS_TOPIC = '__consumer_offsets';

/**
 * Reads what the topics say, up to their ends as they stand.
 * @throws when a topic is missing, its times are not the broker's, or Kafka or the registry does not answer
 */
export function readTopics(source: Source): Promise<Omit<History, 'arrivals' | 'acknowledged'>> {
  const { kafka, registry, names, group } = source;
  return withAdmin(kafka, async (admin) => {
    for (const topic of [...names.lanes, names.status]) {
      if (!(await hasBrokersTimes(admin, topic)))
        throw new Error(`${topic} keeps its producers' times (message.timestamp.type): they prove nothing`);
    }
    const timed = await hasBrokersTimes(admin, names.deadLetter);
    const all = (topic: string) => readToEnd(kafka, admin, topic);
    // Commits come first: whatever completed a record before its commit was read is in what is read after.
    const committed = (await admin.describeTopic(COMMITS_TOPIC)) ? await all(COMMITS_TOPIC) : [];
    const commits = commitsOf(committed, group, names.lanes);
    const [lanes, status, deadLetters] = await Promise.all([
      Promise.all(names.lanes.map(all)),
      all(names.status),
      all(names.deadLetter),
    ]);
    const requests = createDecoder(registry, 'SendRequest');
    const events = await decodeEvents(status, createDecoder(registry, 'StatusEvent'));
    return {
      sent: await Promise.all(lanes.flat().map((record) => sendRecordOf(record, requests))),
      ...events,
      deadLetters: deadLetters.map((record) => deadLetterOf(record, timed)),
      commits,
    };
  });
}

async function hasBrokersTimes(admin: Admin, topic: string): Promise<boolean> {
  const description = await admin.describeTopic(topic);
  if (!description) throw new Error(`there is no topic ${topic}`);
  return description.config['message.timestamp.type'] === 'LogAppendTime';
}

async function sendRecordOf(record: KafkaRecord, decoder: Decoder<SendRequest>): Promise<SendRecord> {
  const { topic, partition, offset, timestamp, headers } = record;
  const decoded = await decoder.decode(record.value);
  const request = decoded.ok
    ? {
        messageId: decoded.value.message_id,
        onDoubt: decoded.value.on_doubt,
        isSound: faultsOf(decoded.value).length === 0,
        expires: decoded.value.expires_at !== null,
      }
    : null;
  const redriveOf = headers['redrive_of'] ?? null;
  return { topic, partition, offset, appendedAtMs: timestamp, request, redriveOf };
}

async function decodeEvents(
  records: readonly KafkaRecord[],
  decoder: Decoder<StatusEvent>,
): Promise<Pick<History, 'events' | 'skippedEvents'>> {
  const events: LoggedEvent[] = [];
  let skippedEvents = 0;
  for (const record of records) {
    const decoded = await decoder.decode(record.value);
    if (decoded.ok) events.push(loggedEventOf(record, decoded.value));
    else skippedEvents += 1;
  }
  return { events, skippedEvents };
}

function loggedEventOf(
  { partition, offset, timestamp, headers }: KafkaRecord,
  event: StatusEvent,
): LoggedEvent {
  const { status, origin, attempt, verified } = event;
  return {
    partition,
    offset,
    appendedAtMs: timestamp,
    eventId: event.event_id,
    messageId: event.message_id,
    attempt,
    attemptId: event.attempt_id,
    status,
    origin,
    verified,
    of: recordIn(headers, 'send'),
  };
}

function deadLetterOf({ headers, timestamp }: KafkaRecord, timed: boolean): DeadLetter {
  return { of: recordIn(headers, 'dlq'), appendedAtMs: timed ? timestamp : null };
}

/** The record that headers name: `send_topic`, `send_partition`, `send_offset`, or the same with `dlq`. */
function recordIn(headers: KafkaRecord['headers'], prefix: 'send' | 'dlq'): RecordAt | null {
  const topic = headers[`${prefix}_topic`];
  const partition = headers[`${prefix}_partition`] ?? '';
  const offset = headers[`${prefix}_offset`] ?? '';
  if (topic === undefined || !/^\d+$/.test(partition) || !/^\d+$/.test(offset)) return null;
  return { topic, partition: Number(partition), offset: Number(offset) };
}

function commitsOf(
  records: readonly KafkaRecord[],
  group: string,
  lanes: readonly string[],
): readonly Commit[] {
  return records.flatMap(({ key, value, timestamp }) => {
    const commit = readGroupCommit(key, value);
    if (commit?.group !== group || commit.offset === null || !lanes.includes(commit.topic)) return [];
    const { topic, partition, offset } = commit;
    return [{ topic, partition, offset, committedAtMs: timestamp }];
  });
}

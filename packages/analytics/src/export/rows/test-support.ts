import type { KafkaRecord } from '@whatsapp-stream/kafka';

/** A record at these coordinates; what it holds is for others to say. */
export function recordAt(partition: number, offset: number, timestamp = 0, topic = 'topic'): KafkaRecord {
  return { topic, partition, offset, timestamp, key: null, value: null, headers: {} };
}

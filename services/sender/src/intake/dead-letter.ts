import type { KafkaRecord, NewRecord } from '@whatsapp-stream/kafka';

/**
 * The dead letter for a record that is no send request: the original key and bytes, untouched, and where they
 * stood and why they are here.
 * @param code a word for machines, `UNKNOWN_SCHEMA`
 * @param text for people; holds nothing of the record's content
 */
export function deadLetterOf(record: KafkaRecord, topic: string, code: string, text: string): NewRecord {
  return {
    topic,
    key: record.key,
    value: record.value,
    headers: {
      ...record.headers,
      dlq_topic: record.topic,
      dlq_partition: String(record.partition),
      dlq_offset: String(record.offset),
      dlq_timestamp: String(record.timestamp),
      dlq_reason: code,
      dlq_reason_text: text,
    },
  };
}

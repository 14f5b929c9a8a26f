"""Reads a topic of status events once and writes them as NDJSON: to_ndjson.py BROKERS REGISTRY TOPIC FILE."""
import json
import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

brokers, registry, topic, path = sys.argv[1:]
deserialize = AvroDeserializer(SchemaRegistryClient({"url": registry}))
context = SerializationContext(topic, MessageField.VALUE)
consumer = Consumer({"bootstrap.servers": brokers, "group.id": "bench-python", "enable.auto.commit": False})
partitions = consumer.list_topics(topic).topics[topic].partitions
ends = {p: consumer.get_watermark_offsets(TopicPartition(topic, p))[1] for p in partitions}
left = sum(ends.values())
written = 0
consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in partitions])
with open(path, "w", encoding="utf-8") as out:
    while left > 0:
        for record in consumer.consume(1_000, 1.0):
            event = deserialize(record.value(), context)
            event.update(recorded_at=record.timestamp()[1], kafka_partition=record.partition(), kafka_offset=record.offset())
            out.write(json.dumps(event, default=lambda moment: moment.isoformat()) + "\n")
            left -= 1
            written += 1
consumer.close()
print(f"{written} events", file=sys.stderr)

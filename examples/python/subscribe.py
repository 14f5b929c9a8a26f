"""Prints the status events of WhatsApp messages, one JSON object a line, until Ctrl-C or --count.

The events of one message come in the order of the log; one may come twice, then with the same event_id.
"""
import argparse
import json
import os
import signal
import sys
from pathlib import Path

from confluent_kafka import Consumer, KafkaException
from confluent_kafka.schema_registry import SchemaRegistryClient, topic_subject_name_strategy
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext
from httpx import HTTPError

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "avro" / "status-event.avsc"

options = argparse.ArgumentParser(description="Prints the status events of WhatsApp messages.")
options.add_argument("--brokers", default=os.environ.get("KAFKA_BROKERS", "localhost:9092"))
options.add_argument("--registry", default=os.environ.get("SCHEMA_REGISTRY_URL", "http://localhost:8081"))
options.add_argument("--topic", default=os.environ.get("STATUS_TOPIC", "whatsapp.status"))
options.add_argument("--group", default="whatsapp-status-python", help="goes on where this group stopped")
options.add_argument("--message-id", help="only the events of this message")
options.add_argument("--count", type=int, help="stop after so many events")
args = options.parse_args()

# With a reader's schema of our own, fields and symbols that come later do no harm.
deserialize = AvroDeserializer(SchemaRegistryClient({"url": args.registry}), SCHEMA.read_text("utf-8"),
    conf={"subject.name.strategy": topic_subject_name_strategy})
# An offset is stored only after its event was handled, so that nothing is lost when we are killed.
consumer = Consumer({"bootstrap.servers": args.brokers, "group.id": args.group,
    "auto.offset.reset": "earliest", "enable.auto.offset.store": False})
consumer.subscribe([args.topic])
signal.signal(signal.SIGTERM, signal.default_int_handler)
printed = 0
try:
    while args.count is None or printed < args.count:
        record = consumer.poll(1.0)
        if record is None:
            continue
        if record.error():
            raise KafkaException(record.error())
        try:
            event = deserialize(record.value(), SerializationContext(args.topic, MessageField.VALUE))
        except Exception as error:
            if isinstance(error, HTTPError) or getattr(error, "http_status_code", 404) != 404:
                raise  # the registry is away: nothing is known of the record, it is read again next time
            print(f"skipped partition {record.partition()} offset {record.offset()}: {error}", file=sys.stderr)
            event = None
        if event and args.message_id in (None, event["message_id"]):
            print(json.dumps(event, default=lambda moment: moment.isoformat()), flush=True)
            printed += 1
        consumer.store_offsets(record)
except KeyboardInterrupt:
    pass
finally:
    consumer.close()  # commits what was stored and leaves the group

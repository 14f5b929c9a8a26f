"""Publishes one WhatsApp message: an Avro SendRequest in the topic of a lane.

Prints where the message lies once all in-sync replicas have it; otherwise ends with an error.
"""
import argparse
import json
import os
import sys
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

from confluent_kafka import Producer
from confluent_kafka.schema_registry import SchemaRegistryClient, topic_subject_name_strategy
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "avro" / "send-request.avsc"

options = argparse.ArgumentParser(description="Publishes one WhatsApp message.")
options.add_argument("--brokers", default=os.environ.get("KAFKA_BROKERS", "localhost:9092"))
options.add_argument("--registry", default=os.environ.get("SCHEMA_REGISTRY_URL", "http://localhost:8081"))
options.add_argument("--topic", default="whatsapp.send.otp", help="the topic of the lane")
options.add_argument("--message-id", default=str(uuid.uuid4()), help="unique; repeat it to repeat safely")
options.add_argument("--msisdn", required=True, help="E.164 digits without +")
options.add_argument("--template", required=True, help="name of the approved template")
options.add_argument("--lang", default="id", help="language of the template")
options.add_argument("--body", action="append", default=[], help="a parameter of the body; repeatable")
options.add_argument("--source", default="python-example", help="the publishing domain")
options.add_argument("--meta", action="append", default=[], metavar="NAME=VALUE", help="repeatable")
options.add_argument("--expires-in", type=float, metavar="SECONDS")
options.add_argument("--traceparent", help="W3C trace context; comes back on the status events")
options.add_argument("--compression", default="zstd", choices=["none", "gzip", "snappy", "lz4", "zstd"])
args = options.parse_args()

# The id of exactly our schema is looked up. The set-up registered it as compact JSON; we register nothing.
schema = json.dumps(json.loads(SCHEMA.read_text("utf-8")), separators=(",", ":"), ensure_ascii=False)
serialize = AvroSerializer(SchemaRegistryClient({"url": args.registry}), schema, conf={
    "auto.register.schemas": False, "subject.name.strategy": topic_subject_name_strategy})
now = datetime.now(timezone.utc)
request = {  # what is left out takes the default of its field
    "message_id": args.message_id, "msisdn": args.msisdn, "source": args.source, "requested_at": now,
    "template": {"name": args.template, "lang_code": args.lang, "body_params": args.body},
    "expires_at": None if args.expires_in is None else now + timedelta(seconds=args.expires_in),
    "metadata": dict(pair.split("=", 1) for pair in args.meta)}
value = serialize(request, SerializationContext(args.topic, MessageField.VALUE))

# murmur2_random places keys as Java's clients do; librdkafka's own default places them elsewhere.
producer = Producer({"bootstrap.servers": args.brokers, "partitioner": "murmur2_random", "acks": "all",
    "enable.idempotence": True, "compression.type": args.compression, "message.timeout.ms": 30_000})
delivered = []
producer.produce(args.topic, value, key=args.message_id, on_delivery=lambda *report: delivered.append(report),
    headers={"traceparent": args.traceparent} if args.traceparent else None)
producer.flush()
[(error, message)] = delivered
if error:
    sys.exit(f"It is not known whether the message was published: {error}")
print(json.dumps({"message_id": args.message_id, "topic": args.topic,
    "partition": message.partition(), "offset": message.offset()}))

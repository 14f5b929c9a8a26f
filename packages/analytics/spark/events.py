"""Status events as Spark sees them: from the topic, or from the Parquet files of `npm run replay`."""
import json
from base64 import b64encode
from urllib.parse import quote, unquote, urlsplit, urlunsplit
from urllib.request import Request, urlopen

from pyspark.sql import Column, DataFrame, SparkSession, functions as F
from pyspark.sql.avro.functions import from_avro

MAGIC_BYTE = 0
# Confluent's wire format: the magic byte, a schema id of four bytes, the Avro body.
BODY_AT = 6


def from_parquet(spark: SparkSession, folders: list[str], from_ms: int | None, to_ms: int | None) -> DataFrame:
    """The events of folders with one subfolder a day, of a range by Kafka's time."""
    events = spark.read.parquet(*folders).drop("day")  # it is none of an event's fields
    if from_ms is not None:
        events = events.where(F.col("recorded_at") >= F.timestamp_millis(F.lit(from_ms)))
    if to_ms is not None:
        events = events.where(F.col("recorded_at") < F.timestamp_millis(F.lit(to_ms)))
    return events


def from_topic(
    spark: SparkSession, brokers: str, registry: str, topic: str, reader_schema: str,
    from_ms: int | None, to_ms: int | None, kafka: dict[str, str],
) -> tuple[DataFrame, DataFrame]:
    """Reads a range of the topic, by Kafka's time, decoded with each record's own writer schema.

    Spark reads by offsets, as a member of no group, and commits nothing.
    :return: the events in the columns of the Parquet files, and the coordinates of the records that are none
    """
    options = {"kafka.bootstrap.servers": brokers, "subscribe": topic, **kafka}
    options |= {"startingOffsets": "earliest"} if from_ms is None else {
        "startingTimestamp": str(from_ms), "startingOffsetsByTimestampStrategy": "latest"}
    options |= {"endingOffsets": "latest"} if to_ms is None else {"endingTimestamp": str(to_ms)}
    records = spark.read.format("kafka").options(**options).load()
    # Kept, because every look at the source would find another end of the log.
    events = records.select(
        decoded(F.col("value"), writer_schemas(registry, topic), reader_schema).alias("event"),
        F.col("timestamp").alias("recorded_at"),
        F.col("partition").alias("kafka_partition"),
        F.col("offset").alias("kafka_offset"),
    ).cache()
    # What is not decodable comes as null, or as a record of nulls.
    is_event = F.col("event.event_id").isNotNull()
    return (
        events.where(is_event).select("event.*", "recorded_at", "kafka_partition", "kafka_offset"),
        events.where(~is_event).select("kafka_partition", "kafka_offset"),
    )


def decoded(value: Column, writers: dict[int, str], reader_schema: str) -> Column:
    """Resolves each body from the schema that it was written with to ours; null for what is no such record."""
    schema_id = F.conv(F.hex(F.substring(value, 2, 4)), 16, 10).cast("long")
    is_framed = F.hex(F.substring(value, 1, 1)) == f"{MAGIC_BYTE:02X}"
    body = F.expr(f"substring(value, {BODY_AT}, length(value) - {BODY_AT - 1})")
    event = F.lit(None)
    for writer_id, writer_schema in writers.items():
        options = {"mode": "PERMISSIVE", "avroSchema": reader_schema}
        event = F.when(is_framed & (schema_id == writer_id), from_avro(body, writer_schema, options)).otherwise(event)
    return event


def writer_schemas(registry: str, topic: str) -> dict[int, str]:
    """Every version of the topic's value schema, by the id under which records name it."""
    subject = f"{registry.rstrip('/')}/subjects/{quote(topic + '-value', safe='')}/versions"
    versions = [ask(f"{subject}/{number}") for number in ask(subject)]
    return {version["id"]: version["schema"] for version in versions}


def ask(url: str):
    """Asks the registry; user and password may stand in its URL."""
    parts = urlsplit(url)
    credentials = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    request = Request(urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])))
    if parts.username:
        request.add_header("Authorization", f"Basic {b64encode(credentials.encode()).decode()}")
    with urlopen(request, timeout=10) as answer:
        return json.load(answer)

"""Folds WhatsApp status events into states and their funnel, on Spark.

Reads a range of the status topic, or Parquet files of `npm run replay`; the fold and the figures are the SQL files
that the report uses (../sql). Writes OUT/states (Parquet, a row a message) and OUT/funnel (JSON lines).
"""
import argparse
import sys
from datetime import datetime, timezone
from pathlib import Path

from events import from_parquet, from_topic
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.utils import AnalysisException

HERE = Path(__file__).resolve().parent
SQL = HERE.parent / "sql"
READER_SCHEMA = HERE.parents[2] / "schemas" / "avro" / "status-event.avsc"
# Each after those that it reads.
VIEWS = ["statuses", "records", "folded", "states", "journeys", "funnel"]
# Read by several others.
CACHED = {"folded"}
UNITS_S = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def moment(text: str) -> int:
    """A time as ms since the epoch: `7d`, `12h` ago, or ISO 8601 (UTC where it names no zone)."""
    now = datetime.now(timezone.utc)
    if text[:-1].isdigit() and text[-1:] in UNITS_S:
        return int(now.timestamp() * 1_000) - int(text[:-1]) * UNITS_S[text[-1]] * 1_000
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time: 90s, 5m, 12h, 7d ago, or 2026-01-31T08:00+07:00")
    return round((at if at.tzinfo else at.replace(tzinfo=timezone.utc)).timestamp() * 1_000)


def setting(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is not like kafka.security.protocol=SASL_SSL")
    return name, value


def parse() -> argparse.Namespace:
    options = argparse.ArgumentParser(description="Folds WhatsApp status events into states and their funnel.")
    options.add_argument("--parquet", nargs="+", metavar="FOLDER", help="what `npm run replay --format parquet` wrote")
    options.add_argument("--brokers", help="read the topic instead")
    options.add_argument("--registry", help="Confluent-compatible schema registry, with --brokers")
    options.add_argument("--topic", default="whatsapp.status")
    options.add_argument("--from", dest="from_ms", type=moment, metavar="TIME", help="7d, or 2026-01-31T08:00+07:00")
    options.add_argument("--to", dest="to_ms", type=moment, metavar="TIME", help="the first moment that is not read")
    options.add_argument("--kafka", action="append", default=[], type=setting, metavar="NAME=VALUE",
        help="an option of Spark's Kafka source, such as kafka.security.protocol=SASL_SSL")
    options.add_argument("--out", required=True, metavar="FOLDER", help="must not exist")
    args = options.parse_args()
    if (args.parquet is None) == (args.brokers is None):
        options.error("give either --parquet or --brokers with --registry")
    if args.brokers and not args.registry:
        options.error("--brokers needs --registry: records name their schema by its id")
    if args.from_ms is not None and args.to_ms is not None and args.from_ms >= args.to_ms:
        options.error("--from must be before --to")
    return args


def create_session() -> SparkSession:
    """What the command line of spark-submit says goes before this."""
    return (SparkSession.builder.appName("whatsapp-stream-states")
        .config("spark.sql.session.timeZone", "UTC")
        # As the files of the replay have them, where Spark's own default is an old type of no zone.
        .config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS").getOrCreate())


def read(spark: SparkSession, args: argparse.Namespace) -> DataFrame:
    if args.parquet:
        return from_parquet(spark, args.parquet, args.from_ms, args.to_ms)
    events, skipped = from_topic(spark, args.brokers, args.registry, args.topic, READER_SCHEMA.read_text("utf-8"),
        args.from_ms, args.to_ms, dict(args.kafka))
    count = skipped.count()
    if count:
        print(f"{count} records could not be read, the first of them:", file=sys.stderr)
        for row in skipped.orderBy("kafka_partition", "kafka_offset").limit(5).collect():
            print(f"  partition {row.kafka_partition} offset {row.kafka_offset}", file=sys.stderr)
    return events


def create_views(spark: SparkSession, events: DataFrame) -> None:
    events.createOrReplaceTempView("status_events")
    for statement in (SQL / "spark.sql").read_text("utf-8").split(";\n"):
        if statement.strip():
            spark.sql(statement)
    for name in VIEWS:
        spark.sql(f"CREATE OR REPLACE TEMPORARY VIEW {name} AS {(SQL / f'{name}.sql').read_text('utf-8')}")
        if name in CACHED:
            spark.catalog.cacheTable(name)


def main() -> None:
    args = parse()
    out = Path(args.out) if "://" not in args.out else None
    if out is not None and out.exists():
        sys.exit(f"{out} exists already: name another folder, or remove it")
    spark = create_session()
    try:
        create_views(spark, read(spark, args))
        spark.table("states").write.parquet(f"{args.out}/states")
        spark.table("funnel").coalesce(1).write.json(f"{args.out}/funnel", ignoreNullFields=False)
        total = spark.read.json(f"{args.out}/funnel").where("dimension IS NULL").first()
        print(" → ".join(f"{total[step]} {step}" for step in ["requested", "accepted", "sent", "delivered", "read"]))
    except AnalysisException as error:
        sys.exit(str(error).split("\n")[0])
    finally:
        spark.stop()


main()

#!/usr/bin/env bash
# Shows the status events of WhatsApp messages with kcat, one JSON object a line. It joins no group and commits nothing.
#
#   ./subscribe.sh                       from the oldest event on, until Ctrl-C
#   ./subscribe.sh -o end                what comes from now on
#   ./subscribe.sh -o -20 -e             the last 20 of each partition, then it ends
#   ./subscribe.sh -o s@1793491200000 -e since a moment, in ms since the epoch
#
# Whatever is given goes to kcat. KAFKA_BROKERS, SCHEMA_REGISTRY_URL and STATUS_TOPIC say where; how to log in to Kafka
# belongs into kcat's own file, ~/.config/kcat.conf. Where kcat was built without Avro (as Debian's), Python's fastavro
# decodes (PYTHON names an interpreter that has it); without both, only what stands outside the value is shown.
set -euo pipefail
brokers=${KAFKA_BROKERS:-localhost:9092}
topic=${STATUS_TOPIC:-whatsapp.status}
python=${PYTHON:-python3}
export SCHEMA_REGISTRY_URL=${SCHEMA_REGISTRY_URL:-http://localhost:8081}

command -v kcat > /dev/null || { echo 'kcat is not installed' >&2; exit 127; }
say() { echo "$*" >&2; }
consume() { kcat -C -q -u -b "$brokers" -t "$topic" "$@"; }

# Reads, for each record, a line of where it is, four bytes of length, and the value in Confluent's wire format.
decoder='
import io, json, os, signal, struct, sys, urllib.error, urllib.request
from fastavro import parse_schema, schemaless_reader

def schema_of(number):
    with urllib.request.urlopen(os.environ["SCHEMA_REGISTRY_URL"] + f"/schemas/ids/{number}") as answer:
        return parse_schema(json.loads(json.load(answer)["schema"]))

signal.signal(signal.SIGINT, signal.SIG_DFL)
schemas = {}
while where := sys.stdin.buffer.readline().decode().strip():
    [length] = struct.unpack(">i", sys.stdin.buffer.read(4))
    value = sys.stdin.buffer.read(max(length, 0))
    try:
        zero, number = struct.unpack(">bI", value[:5])
        if zero != 0: raise ValueError("not in the wire format of Confluent")
        if number not in schemas: schemas[number] = schema_of(number)
        print(json.dumps(schemaless_reader(io.BytesIO(value[5:]), schemas[number]), default=lambda moment: moment.isoformat()), flush=True)
    except Exception as error:
        # A registry that does not answer says nothing about the record.
        if isinstance(error, urllib.error.URLError) and getattr(error, "code", None) != 404: raise
        print(f"skipped {where}: {error}", file=sys.stderr)
'

if kcat -V | grep -q Avro; then
  say 'kcat decodes Avro itself'
  consume -s value=avro -r "$SCHEMA_REGISTRY_URL" "$@"
elif "$python" -c 'import fastavro' 2>/dev/null; then
  say 'this kcat has no Avro: fastavro decodes'
  consume -f 'partition %p offset %o\n%R%s' "$@" | "$python" -c "$decoder"
else
  say "this kcat has no Avro and $python no fastavro: no statuses, only what stands outside the value"
  consume -f 'partition %p offset %o at %T: %k, %S bytes, %h\n' "$@"
fi

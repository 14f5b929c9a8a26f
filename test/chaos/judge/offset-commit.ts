/** A record of `__consumer_offsets` that says up to where a group has come. */
export interface GroupCommit {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  /** The next offset to be read; null when the commit was deleted. */
  readonly offset: number | null;
}

/** Kafka's `OffsetCommitKey.json`; the other versions are keys of other things, 2 of a group's metadata. */
const OFFSET_KEY_VERSIONS: ReadonlySet<number> = new Set([0, 1]);
/** Kafka's `OffsetCommitValue.json`: all of them begin with the offset. */
const MAX_VALUE_VERSION = 4;

/**
 * @returns null for a record that speaks of something else
 * @throws RangeError when it is not as Kafka 4.2 or before writes it
 */
export function readGroupCommit(key: Buffer | null, value: Buffer | null): GroupCommit | null {
  if (key === null || !OFFSET_KEY_VERSIONS.has(key.readInt16BE(0))) return null;
  const group = readText(key, 2);
  const topic = readText(key, group.end);
  const partition = key.readInt32BE(topic.end);
  return { group: group.text, topic: topic.text, partition, offset: value === null ? null : offsetIn(value) };
}

/** A string of Kafka's protocol: its length in two bytes, then UTF-8. */
function readText(bytes: Buffer, start: number): { readonly text: string; readonly end: number } {
  const from = start + 2;
  const end = from + bytes.readInt16BE(start);
  if (end < from || end > bytes.length) throw new RangeError('a text in the key ends outside of it');
  return { text: bytes.toString('utf8', from, end), end };
}

function offsetIn(value: Buffer): number {
  const version = value.readInt16BE(0);
  if (version < 0 || version > MAX_VALUE_VERSION)
    throw new RangeError(`version ${version} of committed offsets is not known`);
  return Number(value.readBigInt64BE(2));
}

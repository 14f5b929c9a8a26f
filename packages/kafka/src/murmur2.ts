const SEED = 0x9747b28c;
const M = 0x5bd1e995;
const R = 24;

/**
 * The 32-bit hash by which Java's default partitioner places keys (`org.apache.kafka.common.utils.Utils.murmur2`).
 * kafkajs 2.2.4 has it too, in BigInts: there it is a good part of what a record costs to write.
 * @returns a signed integer
 */
export function murmur2(data: Uint8Array): number {
  const { length } = data;
  const at = (i: number) => data[i] ?? 0;
  let hash = SEED ^ length;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    let k = at(i) | (at(i + 1) << 8) | (at(i + 2) << 16) | (at(i + 3) << 24);
    k = Math.imul(k, M);
    k ^= k >>> R;
    hash = Math.imul(hash, M) ^ Math.imul(k, M);
  }
  if (i < length) {
    for (let last = length - 1; last >= i; last--) hash ^= at(last) << (8 * (last - i));
    hash = Math.imul(hash, M);
  }
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return hash ^ (hash >>> 15);
}

/** @returns the partition of a key among `count` */
export function partitionFor(key: Buffer | string, count: number): number {
  const bytes = typeof key === 'string' ? Buffer.from(key) : key;
  return (murmur2(bytes) & 0x7fffffff) % count;
}

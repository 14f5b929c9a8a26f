import type { Admin } from './port.ts';

const EXACT_TO_MS = 1_000;

/**
 * When the oldest of some records was written, of a topic whose time stamps are the brokers'. Kafka tells the first
 * offset at or after a time, so the time is looked for: further and further back, then by halves. The younger the
 * record, the fewer questions: 10 for one of half a minute, 40 for one of a week.
 * @param offsets the record that counts of each partition, below its end
 * @param now ms since the epoch
 * @returns ms since the epoch, at most a second before the time, and never after `now`; null for no offsets, and
 *   where a record is there no more
 * @throws when the topic does not exist or Kafka cannot be reached
 */
export async function timeOf(
  admin: Pick<Admin, 'offsetsAt'>,
  topic: string,
  offsets: ReadonlyMap<number, number>,
  now: number,
): Promise<number | null> {
  if (offsets.size === 0) return null;

  async function isBefore(time: number): Promise<boolean> {
    const first = await admin.offsetsAt(topic, time);
    return [...offsets].every(([partition, offset]) => (first.get(partition) ?? 0) <= offset);
  }

  let before = now;
  let after = now;
  for (let backMs = EXACT_TO_MS; !(await isBefore(before)); backMs *= 2) {
    after = before;
    before = now - backMs;
    if (before <= 0) return null;
  }
  while (after - before > EXACT_TO_MS) {
    const middle = Math.floor((before + after) / 2);
    if (await isBefore(middle)) before = middle;
    else after = middle;
  }
  return before;
}

import type { Admin } from './port.ts';

/** Lends a connection for questions to the brokers, and closes it whatever comes of them. */
export async function withAdmin<A extends Pick<Admin, 'close'>, T>(
  kafka: { admin(): Promise<A> },
  work: (admin: A) => Promise<T>,
): Promise<T> {
  const admin = await kafka.admin();
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}

/** The first and the next offset of each partition, by topic. @throws when one of the topics does not exist */
export async function offsetsOf(
  admin: Pick<Admin, 'offsets'>,
  topics: readonly string[],
): Promise<ReadonlyMap<string, Awaited<ReturnType<Admin['offsets']>>>> {
  return new Map(
    await Promise.all(topics.map(async (topic) => [topic, await admin.offsets(topic)] as const)),
  );
}

/** The next offset of each partition, of what `Admin.offsets` has told of a topic. */
export function endsOf(ranges: Awaited<ReturnType<Admin['offsets']>>): ReadonlyMap<number, number> {
  return new Map([...ranges].map(([partition, { high }]) => [partition, high]));
}

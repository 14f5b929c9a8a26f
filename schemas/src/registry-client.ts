import { SchemaRegistry as Client, SchemaType } from '@kafkajs/confluent-schema-registry';
import type { RegistryLocation } from './registry-http.ts';

/** Looks up the id of a schema by its text; null when that failed, for whatever reason. */
export type LookUp = (subject: string, schemaText: string) => Promise<number | null>;

/**
 * The look-up of the registry's client library. What it lacks is added here: a deadline (it has none, and its
 * promise stays pending for ever when an answer breaks off). What it cannot tell is left out: its errors do not say
 * whether anybody answered (a refused connection is its "status 400") nor which error code came, so a failure is
 * only null, and the caller has to ask for the reason.
 */
export function createLookUp({ url, credentials, timeoutMs }: RegistryLocation): LookUp {
  const client = new Client({
    host: url,
    ...(credentials === null ? {} : { auth: { ...credentials } }),
    middlewares: [
      () => ({
        prepareRequest: async (next) => (await next()).enhance({ signal: AbortSignal.timeout(timeoutMs) }),
      }),
    ],
  });
  return async (subject, schemaText) => {
    const asked = client.getRegistryIdBySchema(subject, { type: SchemaType.AVRO, schema: schemaText });
    const id: unknown = await orNull(asked, timeoutMs);
    return typeof id === 'number' && Number.isSafeInteger(id) ? id : null;
  };
}

async function orNull(asked: Promise<unknown>, timeoutMs: number): Promise<unknown> {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(() => late.resolve(null), timeoutMs);
  try {
    return await Promise.race([asked, late.promise]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

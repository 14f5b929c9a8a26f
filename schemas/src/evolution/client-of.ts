/** Our own code as it is in another version of the schemas, for tests of old and new side by side. */
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Decoded, Events } from '../codec.ts';
import { SchemaNotFoundError } from '../registry-errors.ts';
import { SCHEMA_TEXTS } from '../schema-texts.ts';
import type { EventName } from '../topics.ts';

/** One program among others, with the schemas that it was built with. */
export interface Client {
  /** @returns the record's value, under the id of the client's own schema. Fields that our types lack are written too. */
  write<E extends EventName>(event: E, value: Events[E]): Promise<Buffer>;
  read<E extends EventName>(event: E, bytes: Buffer): Promise<Decoded<Events[E]>>;
}

/** A registry in memory: the same text always has the same id, from 1. */
export function registryOfTexts() {
  const texts: string[] = [];
  return {
    idOf: async (_subject: string, text: string): Promise<number> => {
      if (!texts.includes(text)) texts.push(text);
      return texts.indexOf(text) + 1;
    },
    schemaById: async (id: number): Promise<string> => {
      const text = texts[id - 1];
      if (text === undefined) throw new SchemaNotFoundError(`no schema ${id}`);
      return text;
    },
  };
}

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));
const FILES: Readonly<Record<EventName, string>> = {
  SendRequest: 'send-request.avsc',
  StatusEvent: 'status-event.avsc',
};

/**
 * A copy of this package with other schemas: its codec is the one of `codec.ts`, built for them.
 * @param texts those that differ from the present ones
 */
export async function clientOf(
  registry: ReturnType<typeof registryOfTexts>,
  texts: Partial<Readonly<Record<EventName, string>>> = {},
): Promise<Client> {
  const folder = mkdtempSync(join(tmpdir(), 'whatsapp-stream-schemas-'));
  try {
    for (const part of ['package.json', 'avro', 'src'])
      cpSync(join(PACKAGE, part), join(folder, part), { recursive: true });
    symlinkSync(join(PACKAGE, '../node_modules'), join(folder, 'node_modules'));
    for (const event of ['SendRequest', 'StatusEvent'] as const)
      writeFileSync(join(folder, 'avro', FILES[event]), texts[event] ?? SCHEMA_TEXTS[event]);
    const codec: typeof import('../codec.ts') = await import(join(folder, 'src/codec.ts'));
    return {
      write: async (event, value) =>
        (await codec.createEncoder(registry, event, `${event}-value`)).encode(value),
      read: async (event, bytes) => codec.createDecoder(registry, event).decode(bytes),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

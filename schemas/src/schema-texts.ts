import { readFileSync } from 'node:fs';
import type { EventName } from './topics.ts';

function compactText(file: string): string {
  const text = readFileSync(new URL(`../avro/${file}`, import.meta.url), 'utf8');
  return JSON.stringify(JSON.parse(text));
}

/**
 * The schema of each event as compact JSON: what `npm run setup` registers, and what a service looks up to
 * learn the id of its own schema. A registry may compare texts byte by byte, so both must use exactly this one.
 */
export const SCHEMA_TEXTS: Readonly<Record<EventName, string>> = {
  SendRequest: compactText('send-request.avsc'),
  StatusEvent: compactText('status-event.avsc'),
};

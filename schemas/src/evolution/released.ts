/** The schemas of all releases, for the tests that hold the present ones to them. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { EventName } from '../topics.ts';

/** One schema as a release carried it. */
export interface ReleasedSchema {
  readonly event: EventName;
  /** From 1. */
  readonly version: number;
  /** Path within `schemas/released`. */
  readonly file: string;
  /** The file's content. */
  readonly text: string;
}

const RELEASED = new URL('../../released/', import.meta.url);
const FOLDERS: Readonly<Record<EventName, string>> = {
  SendRequest: 'send-request',
  StatusEvent: 'status-event',
};

/**
 * @returns the released versions of one event's schema, the first one first
 * @throws when a number is missing, or a file is none of `VERSION.avsc`
 */
export function releasedSchemas(event: EventName): readonly ReleasedSchema[] {
  const folder = FOLDERS[event];
  const names = readdirSync(new URL(`${folder}/`, RELEASED));
  return names.map((_, i) => {
    const version = i + 1;
    const file = `${folder}/${version}.avsc`;
    if (!names.includes(`${version}.avsc`)) throw new Error(`schemas/released/${file} is missing`);
    return { event, version, file, text: readFileSync(new URL(file, RELEASED), 'utf8') };
  });
}

/** @returns the files of `SHA256SUMS` with their sums, in the form of `sha256sum` */
export function releasedSums(): readonly string[] {
  return readFileSync(new URL('SHA256SUMS', RELEASED), 'utf8').trimEnd().split('\n');
}

/** @returns the line that `sha256sum` prints for a released file */
export function sumOf({ file, text }: ReleasedSchema): string {
  return `${createHash('sha256').update(text).digest('hex')}  ${file}`;
}

import { renameSync } from 'node:fs';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DAY_MS } from '../../layout.ts';
import { ExportError, writeError } from '../errors.ts';
import { claimPartial, leftoversOf, removeLeftovers, sync } from './partial.ts';
import { makeFolder } from './place.ts';

/** A folder with folders of days, `day=2026-11-01`, that appear each as a whole when all are written. */
export interface DaysOutput {
  /** Where the folders of days are to be made. */
  readonly staging: string;
  /** @returns the files that are there now */
  finish(): Promise<readonly string[]>;
  /** Leaves nothing of what was not finished. */
  close(): Promise<void>;
}

export interface DaysOptions {
  readonly folder: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly overwrite: boolean;
}

const DAY = /^day=(\d{4}-\d{2}-\d{2})$/;
/** What a day is renamed to while another takes its place. */
const OLD = 'replaced';

/** @throws ExportError when a day of the range is there already, and is not to be replaced */
export async function openDays({ folder, fromMs, toMs, overwrite }: DaysOptions): Promise<DaysOutput> {
  const root = resolve(folder);
  // Within the folder: it may be a mount of its own. Names with a leading point are no data to anybody.
  const partial = claimPartial(join(root, 'days'));
  const told = (error: unknown) => {
    throw writeError(error, folder);
  };
  const expectFree = (days: readonly string[]) => {
    if (overwrite || days.length === 0) return;
    throw new ExportError('occupied', occupied(folder, days));
  };
  await makeFolder(root).catch(told);
  await restoreDays(root).catch(told);
  expectFree((await daysIn(root)).filter((day) => isWithin(day, fromMs, toMs)));
  await removeLeftovers(join(root, 'days'));
  await mkdir(partial.path).catch(told);
  return {
    staging: partial.path,
    async finish() {
      const days = await daysIn(partial.path);
      const there = new Set(await daysIn(root));
      expectFree(days.filter((day) => there.has(day)));
      try {
        const files = await syncAll(partial.path, days);
        for (const day of days) {
          const old = there.has(day) ? join(partial.path, `${OLD}-${day}`) : null;
          moveDay(join(partial.path, day), join(root, day), old);
        }
        await sync(root);
        return files.map((file) => join(folder, file));
      } catch (error) {
        return told(error);
      }
    },
    close: partial.remove,
  };
}

/** Puts back the days of runs that were killed after they had moved the old one and before the new one took its place. */
async function restoreDays(root: string): Promise<void> {
  for (const left of await leftoversOf(join(root, 'days'))) {
    const there = new Set(await daysIn(root));
    for (const name of await readdir(left).catch(() => [])) {
      const day = name.slice(`${OLD}-`.length);
      if (name === `${OLD}-${day}` && DAY.test(day) && !there.has(day))
        await rename(join(left, name), join(root, day));
    }
  }
}

/**
 * At once, without a turn of the event loop: a second Ctrl-C ends the process there, and what it has begun is removed.
 * @param old where the day that is there is put; it comes back if the new one cannot take its place
 */
function moveDay(from: string, to: string, old: string | null): void {
  if (old !== null) renameSync(to, old);
  try {
    renameSync(from, to);
  } catch (error) {
    if (old !== null) renameSync(old, to);
    throw error;
  }
}

function occupied(folder: string, days: readonly string[]): string {
  const [first] = days;
  const others = days.length > 1 ? ` and ${days.length - 1} more of the range` : '';
  return `${join(folder, first ?? '')}${others} is there already: --overwrite replaces the days that are written, or name another folder`;
}

async function daysIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => DAY.test(name)).sort();
}

function isWithin(name: string, fromMs: number, toMs: number): boolean {
  const start = Date.parse(DAY.exec(name)?.[1] ?? '');
  return start < toMs && start + DAY_MS > fromMs;
}

/** @returns the files, from the folder on */
async function syncAll(folder: string, days: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const day of days) {
    for (const name of (await readdir(join(folder, day))).sort()) {
      await sync(join(folder, day, name));
      files.push(join(day, name));
    }
    await sync(join(folder, day));
  }
  return files;
}

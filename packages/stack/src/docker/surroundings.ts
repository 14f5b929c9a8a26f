import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Reaper } from '../reaper/reaper.ts';

/** What a container's start has to fit in with. */
export interface Surroundings {
  /** Where published ports are reached from here. */
  readonly host: string;
  /** Ports are published on 127.0.0.1 only; not possible when the engine is elsewhere. */
  readonly loopbackOnly: boolean;
  /** Where data is kept; undefined when it goes with the container. */
  readonly dataDir: string | undefined;
  readonly reaper: Reaper;
}

/** Makes the folder of `dataDir` that a container keeps its data in. */
export async function keptFolder(role: string, target: string, { dataDir }: Surroundings) {
  if (dataDir === undefined) return undefined;
  const source = resolve(dataDir, 'docker', role);
  await mkdir(source, { recursive: true });
  return { source, target };
}

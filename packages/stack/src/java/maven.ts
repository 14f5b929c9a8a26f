import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Reaper } from '../reaper/reaper.ts';
import { StackError } from '../stack.ts';
import { KAFKA_VERSION, REGISTRY_VERSION } from '../versions.ts';

const POM = fileURLToPath(new URL('../../java/pom.xml', import.meta.url));
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:2.8';
const REPORT_EVERY_MS = 4_000;
const QUOTED_ERRORS = 6;

/** Bytes of one of Maven's lines `Downloaded from central: https://… (3.1 MB at 2 MB/s)`; 0 for others. */
export function downloadedBytes(line: string): number {
  const match = /^(?:\[INFO\] )?Downloaded .*\((\d+(?:\.\d+)?) (B|kB|MB|GB) at /.exec(line);
  const unit = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 }[match?.[2] ?? ''];
  return unit === undefined ? 0 : Number(match?.[1]) * unit;
}

/** The file's name in one of Maven's lines `Downloading from central: https://…/b-1.jar`. */
const downloadingFile = (line: string): string | undefined =>
  /^(?:\[INFO\] )?Downloading .*\/([^/\s]+)$/.exec(line)?.[1];

/** Condenses Maven's lines for each file to a line every few seconds, also while one large file comes. */
function startProgress(report: (line: string) => void): { see(line: string): void; stop(): void } {
  let files = 0;
  let bytes = 0;
  let current: string | undefined;
  const tell = () => {
    if (current !== undefined)
      report(`  ${files} files, ${Math.round(bytes / 1e6)} MB so far, now ${current}`);
  };
  const timer = setInterval(tell, REPORT_EVERY_MS);
  return {
    see: (line) => {
      current = downloadingFile(line) ?? current;
      const downloaded = downloadedBytes(line);
      if (downloaded > 0) files += 1;
      bytes += downloaded;
    },
    stop: () => clearInterval(timer),
  };
}

export interface MavenRun {
  readonly maven: string;
  readonly goal: 'copy-dependencies' | 'unpack';
  readonly into: string;
  readonly env: NodeJS.ProcessEnv;
  readonly reaper: Reaper;
  readonly report: (line: string) => void;
}

/**
 * Puts the jars of Kafka (`copy-dependencies`) or the contents of the registry's archive (`unpack`) into a
 * folder, downloading what Maven does not have.
 * @throws StackError with Maven's own errors
 */
export async function runMaven({ maven, goal, into, env, reaper, report }: MavenRun): Promise<void> {
  const versions = [`-Dkafka.version=${KAFKA_VERSION}`, `-Dregistry.version=${REGISTRY_VERSION}`];
  const goalArgs = [`${PLUGIN}:${goal}`, `-DoutputDirectory=${into}`, ...versions];
  const child = spawn(maven, ['-B', '-Dstyle.color=never', '-f', POM, ...goalArgs], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Not `exit`: what it wrote last may not have been read by then.
  const exited = once(child, 'close');
  const target = { kind: 'process', id: String(child.pid) } as const;
  if (child.pid !== undefined) reaper.watch(target);
  const progress = startProgress(report);
  const errors: string[] = [];
  const keep = (line: string) => {
    if (errors.length < QUOTED_ERRORS) errors.push(`  ${line}`);
  };
  createInterface({ input: child.stderr }).on('line', keep);
  createInterface({ input: child.stdout }).on('line', (line) => {
    progress.see(line);
    if (line.startsWith('[ERROR]')) keep(line);
  });
  try {
    const [code, signal] = await exited;
    if (code !== 0)
      throw new StackError(`Maven ended with ${signal ?? `exit code ${code}`}\n${errors.join('\n')}`);
  } finally {
    progress.stop();
    reaper.forget(target);
  }
}

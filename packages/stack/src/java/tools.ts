import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const OLDEST_JAVA = 17;
const VERSION_TIMEOUT_MS = 10_000;

export interface JavaTools {
  /** Path of a `java` of version 17 or newer. */
  readonly java: string;
  readonly javaVersion: number;
  /** Path of `mvn`, needed only until the packages are in the cache. */
  readonly maven: string | undefined;
}

export type JavaToolsFound =
  | { readonly outcome: 'found'; readonly tools: JavaTools }
  /** `reason` is a clause for people: `java is not on the PATH`. */
  | { readonly outcome: 'missing'; readonly reason: string };

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

async function onPath(program: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, program);
    if (folder !== '' && (await isExecutable(path))) return path;
  }
  return undefined;
}

/** Reads `java -version`: `version "17.0.15"`, `version "21"`, and `version "1.8.0_402"` of old. */
export function majorVersion(text: string): number | undefined {
  const match = /version "(?:1\.)?(\d+)/.exec(text);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

async function versionOf(java: string): Promise<number | undefined> {
  try {
    const { stdout, stderr } = await promisify(execFile)(java, ['-version'], { timeout: VERSION_TIMEOUT_MS });
    return majorVersion(stderr + stdout);
  } catch {
    return undefined;
  }
}

/** Looks for Java in JAVA_HOME, then on the PATH, and takes the first that is new enough. */
export async function findJavaTools(env: NodeJS.ProcessEnv): Promise<JavaToolsFound> {
  const home = env['JAVA_HOME'];
  const candidates = [home ? join(home, 'bin', 'java') : undefined, await onPath('java', env)];
  const tooOld: string[] = [];
  for (const java of new Set(candidates)) {
    if (java === undefined || !(await isExecutable(java))) continue;
    const javaVersion = await versionOf(java);
    if (javaVersion !== undefined && javaVersion >= OLDEST_JAVA) {
      return { outcome: 'found', tools: { java, javaVersion, maven: await onPath('mvn', env) } };
    }
    tooOld.push(`${java} is ${javaVersion === undefined ? 'not a working Java' : `Java ${javaVersion}`}`);
  }
  const reason = tooOld.length > 0 ? tooOld.join(', ') : 'no java in JAVA_HOME or on the PATH';
  return { outcome: 'missing', reason };
}

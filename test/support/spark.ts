import { createHash } from 'node:crypto';
import { globSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder, type Ended, ensureEnvironment, findPython, runProgram } from './python.ts';

const FOLDER = fileURLToPath(new URL('../../packages/analytics/spark/', import.meta.url));
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:2.8:copy-dependencies';

/** Spark on this machine alone, and the job of `packages/analytics/spark`. */
export interface Spark {
  /** Runs the job to its end. */
  run(args: readonly string[]): Promise<Ended>;
}

/**
 * @returns Spark, or why there is none that a test can use
 * @throws with CI=true when there is none: there, a test that is skipped would never be missed. The first time pyspark
 *   (some 450 MB) comes from PyPI, and the jars by Maven
 */
export async function findSpark(
  report: (line: string) => void,
): Promise<{ readonly ok: true; readonly spark: Spark } | { readonly ok: false; readonly reason: string }> {
  const found = await findPython();
  if (!found.ok) return found;
  const packages = {
    requirements: join(FOLDER, 'requirements.txt'),
    probe: 'import pyspark.sql',
    // There is no wheel of it, and nothing in it to be compiled.
    pipOptions: [],
  };
  const [interpreter, jars] = [await ensureEnvironment(found.python, report, packages), await ensureJars()];
  const settings = {
    'spark.driver.bindAddress': '127.0.0.1',
    'spark.driver.host': '127.0.0.1',
    'spark.ui.enabled': 'false',
    'spark.sql.shuffle.partitions': '2',
    'spark.driver.memory': '1g',
    'spark.sql.adaptive.enabled': 'false',
  };
  const options = Object.entries(settings).map(([name, value]) => `--conf ${name}=${value}`);
  const env = {
    ...process.env,
    PYSPARK_PYTHON: interpreter,
    PYSPARK_SUBMIT_ARGS: `--master local[2] --jars ${jars.join(',')} ${options.join(' ')} pyspark-shell`,
  };
  const run = (args: readonly string[]) => runProgram(interpreter, [join(FOLDER, 'job.py'), ...args], env);
  return { ok: true, spark: { run } };
}

/** What has the final name is always whole: the jars are copied to a temporary sibling, which is renamed. */
async function ensureJars(): Promise<readonly string[]> {
  const pom = join(FOLDER, 'pom.xml');
  const hash = createHash('sha256').update(await readFile(pom));
  const folder = join(cacheFolder(), `spark-jars-${hash.digest('hex').slice(0, 16)}`);
  const jars = () => globSync(join(folder, '*.jar'));
  if (jars().length === 0) await copyJars(pom, folder);
  return jars();
}

async function copyJars(pom: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(`${folder}-`);
  try {
    const args = ['-B', '-q', '-Dstyle.color=never', '-f', pom, COPY, `-DoutputDirectory=${temporary}`];
    const { code, stdout, stderr } = await runProgram('mvn', args);
    if (code !== 0) throw new Error(`Maven failed (${code}):\n${stdout}${stderr}`);
    await rename(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

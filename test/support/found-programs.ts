import { runProgram } from './python.ts';

/**
 * Looks for a program that a test cannot do without.
 * @param args make it end at once, with exit code 0 where it can be used
 * @returns undefined where it is there; else why the test is skipped
 * @throws with CI=true when it is missing: there, a test that is skipped would never be missed
 */
export async function whyMissing(program: string, args: readonly string[]): Promise<string | undefined> {
  const asked = await runProgram(program, args).catch(() => undefined);
  if (asked?.code === 0) return undefined;
  const reason = `this needs ${program}, which ${asked === undefined ? 'is not on the PATH' : 'does not work'}`;
  if (process.env['CI'] === 'true') throw new Error(reason);
  return reason;
}

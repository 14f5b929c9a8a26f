import { after } from 'node:test';
import { startStack } from '@whatsapp-stream/stack';

/**
 * Kafka and the schema registry for a test file: those of the whole run, which the environment names; or,
 * when the file is run by hand, a stack of its own that ends after the file's tests. Topics, groups and
 * subjects are shared with other test files: give yours names of their own.
 */
export async function useStack(): Promise<{ readonly brokers: string; readonly registryUrl: string }> {
  const stack = await startStack({ report: (line) => process.stderr.write(`${line}\n`) });
  after(() => stack.stop());
  return { brokers: stack.brokers, registryUrl: stack.registryUrl };
}

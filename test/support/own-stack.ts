import { type Stack, StackError, startStack } from '@whatsapp-stream/stack';

/**
 * A stack that nobody else uses, so that its broker may be killed. Only where no such one can be had is one taken
 * that the environment names.
 */
export async function startOwnStack(report: (line: string) => void): Promise<Stack> {
  const { KAFKA_BROKERS: given, SCHEMA_REGISTRY_URL: _, ...env } = process.env;
  try {
    return await startStack({ env, report });
  } catch (error) {
    if (given === undefined || !(error instanceof StackError)) throw error;
    return startStack({ report });
  }
}

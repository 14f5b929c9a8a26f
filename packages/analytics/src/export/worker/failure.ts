import { RegistryUnavailableError } from '@whatsapp-stream/schemas';
import { ExportError } from '../errors.ts';
import type { Failure } from './protocol.ts';

/** What of an error can be handed to another thread. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error))
    return { name: 'Error', message: String(error), stack: undefined, fault: null };
  const { name, message, stack } = error;
  return { name, message, stack, fault: error instanceof ExportError ? error.fault : null };
}

/** The error again, of the class that it was where callers tell classes apart. */
export function errorFrom({ name, message, stack, fault }: Failure): Error {
  if (fault !== null) return new ExportError(fault, message);
  const error =
    name === 'RegistryUnavailableError' ? new RegistryUnavailableError(message) : new Error(message);
  if (error.name !== name) Object.defineProperty(error, 'name', { value: name });
  if (stack !== undefined) error.stack = stack;
  return error;
}

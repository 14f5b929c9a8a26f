import { RegistryUnavailableError } from './registry-errors.ts';

/** Where the registry is and how to be let in. */
export interface RegistryLocation {
  /** Base URL without credentials and without a slash at its end: safe to show. */
  readonly url: string;
  readonly credentials: Credentials | null;
  /** Each question must be answered, to the last byte, within this time. */
  readonly timeoutMs: number;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** What is asked, e.g. `{ method: 'GET', path: '/subjects' }`; a body is sent as JSON. */
export interface Question {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: unknown;
}

/** A clear answer: JSON with a success, or one of the registry's own error codes. */
export type Answer =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly errorCode: number; readonly message: string };

/** Confluent's error codes begin with the HTTP status that they come with (its "Schema Registry API Reference"). */
const CLEAR_REFUSALS = new Set([404, 409, 422]);
const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json';

/**
 * Asks the registry.
 *
 * @throws RegistryUnavailableError when there is no clear answer in time. A bare 404 is none: it comes from a
 * wrong base URL or a proxy, and must not pass for "there is no such schema".
 */
export async function ask(location: RegistryLocation, question: Question): Promise<Answer> {
  const { status, text } = await exchange(location, question);
  const body = parsed(text);
  if (status >= 200 && status < 300 && body !== undefined) return { ok: true, body };
  const errorCode = numberAt(body, 'error_code');
  if (CLEAR_REFUSALS.has(status) && errorCode !== undefined && String(errorCode).startsWith(String(status))) {
    // Confluent's registry says plain 404 of a path that it does not know.
    if (errorCode !== 404) return { ok: false, errorCode, message: textAt(body, 'message') ?? '' };
  }
  throw unavailable(location, question, `it answered with HTTP status ${status}${explained(status)}`);
}

/** @returns the error that says which registry was asked what, why that failed, and what can be done */
export function unavailable(
  location: RegistryLocation,
  question: Question,
  why: string,
): RegistryUnavailableError {
  const { method, path } = question;
  return new RegistryUnavailableError(
    `The schema registry at ${location.url} gave no clear answer to ${method} ${path}: ${why}. ` +
      'Is it running, and is SCHEMA_REGISTRY_URL right?',
  );
}

export function numberAt(body: unknown, key: string): number | undefined {
  const value = valueAt(body, key);
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

export function textAt(body: unknown, key: string): string | undefined {
  const value = valueAt(body, key);
  return typeof value === 'string' ? value : undefined;
}

async function exchange(
  location: RegistryLocation,
  question: Question,
): Promise<{ status: number; text: string }> {
  const { method, path, body } = question;
  try {
    const response = await fetch(`${location.url}${path}`, {
      method,
      headers: {
        accept: `${MEDIA_TYPE}, application/json`,
        'content-type': MEDIA_TYPE,
        ...authorization(location),
      },
      signal: AbortSignal.timeout(location.timeoutMs),
      // A redirect of a POST would turn it into a GET; a registry has no reason to send any.
      redirect: 'manual',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    throw unavailable(location, question, reasonOf(error, location.timeoutMs));
  }
}

function authorization({ credentials }: RegistryLocation): Record<string, string> {
  if (credentials === null) return {};
  const pair = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
  return { authorization: `Basic ${pair}` };
}

/** A cause without what fetch and the socket say in words, as they may quote a URL or a header. */
function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return 'the request failed';
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  const { cause } = error;
  return cause instanceof Error && 'code' in cause
    ? `the request failed (${String(cause.code)})`
    : 'the request failed';
}

function explained(status: number): string {
  if (status === 401 || status === 403) return ', so it does not accept the credentials';
  if (status === 404) return ' without a code of a registry, so the base URL may be wrong';
  if (status >= 200 && status < 300) return ', but not with what was asked for';
  return '';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function valueAt(body: unknown, key: string): unknown {
  return typeof body === 'object' && body !== null ? Reflect.get(body, key) : undefined;
}

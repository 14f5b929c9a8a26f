import { createLookUp } from './registry-client.ts';
import { SchemaNotFoundError, SchemaRefusedError } from './registry-errors.ts';
import {
  type Answer,
  ask,
  type Credentials,
  numberAt,
  type Question,
  type RegistryLocation,
  textAt,
  unavailable,
} from './registry-http.ts';

/** The levels of Confluent's registry; `FULL_TRANSITIVE` is the one that our subjects must have. */
export type Compatibility =
  | 'NONE'
  | 'BACKWARD'
  | 'BACKWARD_TRANSITIVE'
  | 'FORWARD'
  | 'FORWARD_TRANSITIVE'
  | 'FULL'
  | 'FULL_TRANSITIVE';

/**
 * A registry that speaks Confluent's API. Every call can reject with a RegistryUnavailableError. Nothing is
 * cached and nothing is asked again by itself: who asks knows how long to wait.
 */
export interface SchemaRegistry {
  /** @throws SchemaNotFoundError when exactly this text is not registered under the subject */
  idOf(subject: string, schemaText: string): Promise<number>;
  /** @throws SchemaNotFoundError when there is no schema with this id */
  schemaById(id: number): Promise<string>;
  /**
   * Registers the text unless it already is.
   * @throws SchemaRefusedError when it is invalid, or incompatible with the subject's earlier schemas
   */
  register(subject: string, schemaText: string): Promise<{ readonly id: number; readonly created: boolean }>;
  setCompatibility(subject: string, level: Compatibility): Promise<void>;
  /** @returns the subject's own level as the registry writes it; null when it has none and the global one counts */
  getCompatibility(subject: string): Promise<string | null>;
  /** Resolves when the registry answers. */
  ping(): Promise<void>;
}

export interface RegistryOptions {
  /** Base URL of the Confluent API, e.g. `http://localhost:8080/apis/ccompat/v7`; may contain user and password. */
  readonly url: string;
  /** How long one question may take; 5,000 ms unless told. */
  readonly timeoutMs?: number;
  /** Basic authentication; goes before what the URL contains. */
  readonly auth?: Credentials;
}

const SCHEMA_NOT_FOUND = 40403;
/** Schema ids are positive Java ints; a registry need not answer anything clear to a larger one. */
const MAX_SCHEMA_ID = 2 ** 31 - 1;

/**
 * Does not connect: the first call does.
 *
 * The client library is used for the look-up alone. Its `getSchema` hides the error code that tells a missing
 * schema from a wrong URL, and the text of the schema; its `register` does not tell whether anything was new, and
 * rejects levels of compatibility other than the one it is given; the level itself it can neither read nor set.
 *
 * @throws TypeError when the URL is not one of http or https
 */
export function connectRegistry(options: RegistryOptions): SchemaRegistry {
  const location = locationOf(options);
  const lookUp = createLookUp(location);
  const find = async (subject: string, schemaText: string) =>
    (await lookUp(subject, schemaText)) ?? (await askForId(location, subject, schemaText));

  return {
    async idOf(subject, schemaText) {
      const id = await find(subject, schemaText);
      if (id !== null) return id;
      throw new SchemaNotFoundError(
        `The schema registry at ${location.url} does not have our schema for ${subject}. Register it: npm run setup`,
      );
    },
    async register(subject, schemaText) {
      const known = await find(subject, schemaText);
      if (known !== null) return { id: known, created: false };
      return { id: await register(location, subject, schemaText), created: true };
    },
    schemaById: (id) => schemaById(location, id),
    setCompatibility: (subject, level) => setCompatibility(location, subject, level),
    getCompatibility: (subject) => getCompatibility(location, subject),
    ping: () => ping(location),
  };
}

/** The look-up with an answer that tells a failure: null when the registry says clearly that it does not have it. */
async function askForId(
  location: RegistryLocation,
  subject: string,
  schemaText: string,
): Promise<number | null> {
  const question: Question = { method: 'POST', path: subjectPath(subject), body: { schema: schemaText } };
  const answer = await ask(location, question);
  return isNotFound(answer) ? null : expectId(location, question, answer);
}

async function register(location: RegistryLocation, subject: string, schemaText: string): Promise<number> {
  const path = `${subjectPath(subject)}/versions`;
  const question: Question = { method: 'POST', path, body: { schema: schemaText } };
  const answer = await ask(location, question);
  if (answer.ok || isNotFound(answer)) return expectId(location, question, answer);
  throw new SchemaRefusedError(
    `The schema registry at ${location.url} refuses our schema for ${subject}: ${answer.message} (code ${answer.errorCode})`,
  );
}

async function schemaById(location: RegistryLocation, id: number): Promise<string> {
  const canExist = Number.isInteger(id) && id >= 0 && id <= MAX_SCHEMA_ID;
  const question: Question = { method: 'GET', path: `/schemas/ids/${id}` };
  const answer = canExist ? await ask(location, question) : null;
  if (answer === null || (!answer.ok && answer.errorCode === SCHEMA_NOT_FOUND)) {
    throw new SchemaNotFoundError(
      `The schema registry at ${location.url} has no schema with the id ${id}. Was the record written with another ` +
        'registry? Our own schemas are registered by: npm run setup',
    );
  }
  const text = answer.ok ? textAt(answer.body, 'schema') : undefined;
  if (text === undefined) throw unclear(location, question, answer);
  return text;
}

async function setCompatibility(
  location: RegistryLocation,
  subject: string,
  level: Compatibility,
): Promise<void> {
  const question: Question = { method: 'PUT', path: configPath(subject), body: { compatibility: level } };
  const answer = await ask(location, question);
  if (!answer.ok) throw unclear(location, question, answer);
}

async function getCompatibility(location: RegistryLocation, subject: string): Promise<string | null> {
  const question: Question = { method: 'GET', path: configPath(subject) };
  const answer = await ask(location, question);
  if (isNotFound(answer)) return null;
  const level = answer.ok ? textAt(answer.body, 'compatibilityLevel') : undefined;
  if (level === undefined) throw unclear(location, question, answer);
  return level;
}

async function ping(location: RegistryLocation): Promise<void> {
  const question: Question = { method: 'GET', path: '/subjects' };
  const answer = await ask(location, question);
  if (!answer.ok || !Array.isArray(answer.body)) throw unclear(location, question, answer);
}

function locationOf({ url, timeoutMs = 5_000, auth }: RegistryOptions): RegistryLocation {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new TypeError('The URL of the schema registry must be one that begins with http:// or https://');
  }
  const { origin, pathname, username, password } = new URL(url);
  const inUrl = { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  return {
    url: `${origin}${pathname}`.replace(/\/+$/, ''),
    credentials: auth ?? (username === '' ? null : inUrl),
    timeoutMs,
  };
}

const subjectPath = (subject: string) => `/subjects/${encodeURIComponent(subject)}`;
const configPath = (subject: string) => `/config/${encodeURIComponent(subject)}`;

function isNotFound(answer: Answer): boolean {
  return !answer.ok && String(answer.errorCode).startsWith('404');
}

function expectId(location: RegistryLocation, question: Question, answer: Answer): number {
  const id = answer.ok ? numberAt(answer.body, 'id') : undefined;
  if (id === undefined) throw unclear(location, question, answer);
  return id;
}

function unclear(location: RegistryLocation, question: Question, answer: Answer): Error {
  const why = answer.ok
    ? 'it answered with something else than was asked for'
    : `it answered with code ${answer.errorCode}`;
  return unavailable(location, question, why);
}

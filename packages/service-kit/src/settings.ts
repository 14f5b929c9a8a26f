import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** One environment variable: how it is read, what it means, and what holds when it is not set. */
export interface Setting<T> {
  /** One sentence for the README's table. */
  readonly describe: string;
  /** The text that stands for an unset variable; without it the variable must be set, or is `optional`. */
  readonly default?: string;
  /** Unset means `undefined`. */
  readonly optional?: true;
  /** May come as NAME_FILE (a path) instead of NAME; its value is never shown. */
  readonly secret?: true;
  readonly schema: z.ZodType<T, string>;
}

/** A service's settings by the names of their environment variables. */
export type SettingsSpec = Readonly<Record<string, Setting<unknown>>>;

export type SettingsOf<S extends SettingsSpec> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T>
    ? S[K] extends { readonly optional: true }
      ? T | undefined
      : T
    : never;
};

export type SettingsRead<S extends SettingsSpec> =
  | { readonly ok: true; readonly values: SettingsOf<S> }
  | { readonly ok: false; readonly faults: readonly string[] };

type Raw = { readonly text: string | undefined } | { readonly fault: string };

/**
 * Reads and checks all settings at once, so that a wrong environment is told whole. An empty variable
 * counts as unset.
 * @param readFile for NAME_FILE; a trailing line break is dropped
 * @returns frozen values, or every fault as a sentence that names the variable and never shows a secret
 */
export function readSettings<S extends SettingsSpec>(
  spec: S,
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): SettingsRead<S> {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(spec)) {
    const raw = rawValue(name, setting, env, readFile);
    if ('fault' in raw) {
      faults.push(raw.fault);
      continue;
    }
    const text = raw.text ?? setting.default;
    if (text === undefined) {
      if (!setting.optional) faults.push(`${name} is not set: ${setting.describe}`);
      continue;
    }
    const parsed = setting.schema.safeParse(text);
    if (parsed.success) values[name] = parsed.data;
    else faults.push(faultOf(name, setting, text, parsed.error));
  }
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, values: Object.freeze(values) as SettingsOf<S> };
}

function rawValue(
  name: string,
  setting: Setting<unknown>,
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): Raw {
  const direct = env[name] || undefined;
  const path = secretPath(name, setting, env);
  if (direct !== undefined && path !== undefined) {
    return { fault: `${name} and ${name}_FILE are both set: keep one of them` };
  }
  if (path === undefined) return { text: direct };
  try {
    return { text: secretText(readFile(path)) };
  } catch (error) {
    return { fault: unreadableFault(name, path, error) };
  }
}

/** @returns where NAME_FILE says that the secret is; undefined for what is no secret, or does not come from a file */
export function secretPath(
  name: string,
  setting: Setting<unknown>,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  return setting.secret ? env[`${name}_FILE`] || undefined : undefined;
}

/** @returns a secret file's content without its trailing line break; undefined when that is nothing */
export function secretText(content: string): string | undefined {
  return content.replace(/\r?\n$/, '') || undefined;
}

/** @returns a sentence for people */
export function unreadableFault(name: string, path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
  return `${name}_FILE names a file that cannot be read (${code}): ${path}`;
}

/** @returns a sentence for people, which never shows a secret */
export function faultOf(name: string, setting: Setting<unknown>, text: string, error: z.ZodError): string {
  const why = error.issues.map((issue) => issue.message).join('; ');
  return setting.secret ? `${name}: ${why}` : `${name}=${JSON.stringify(text)}: ${why}`;
}

/** Schemas that read what people write into environment variables; messages say what is wanted. */
export const read = {
  text: () => z.string().min(1),
  integer: (min: number, max: number = Number.MAX_SAFE_INTEGER) =>
    z
      .string()
      .regex(/^[+-]?\d+$/, 'must be a whole number')
      .transform(Number)
      .refine((n) => n >= min && n <= max, {
        error: max === Number.MAX_SAFE_INTEGER ? `must be ${min} or more` : `must be from ${min} to ${max}`,
      }),
  topic: () =>
    z.string().regex(/^[a-zA-Z0-9._-]{1,249}$/, 'must be a topic name (letters, digits, dot, _ and -)'),
  flag: () =>
    z.enum(['true', 'false'], { error: 'must be true or false' }).transform((text) => text === 'true'),
  oneOf: <const T extends readonly [string, ...string[]]>(choices: T) =>
    z.enum(choices, { error: `must be one of ${choices.join(', ')}` }),
  url: () =>
    z
      .string()
      .refine(isHttpUrl, { error: 'must be an http or https URL' })
      .transform((text) => text.replace(/\/+$/, '')),
  list: (what: string, each: RegExp) =>
    z
      .string()
      .transform((text) =>
        text
          .split(',')
          .map((item) => item.trim())
          .filter((item) => item !== ''),
      )
      .refine((items) => items.length > 0 && items.every((item) => each.test(item)), {
        error: `must be ${what}, separated by commas`,
      })
      .refine((items) => new Set(items).size === items.length, { error: 'names something twice' }),
};

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

import { readFile as readFileOfSystem } from 'node:fs/promises';
import {
  faultOf,
  type Setting,
  type SettingsOf,
  type SettingsSpec,
  secretPath,
  secretText,
  unreadableFault,
} from './settings.ts';

/** A secret as its file has it now, or why it cannot be had: a sentence that never shows it. */
export type Reread<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: string };

/**
 * For each secret that came as NAME_FILE, how to read it again. It never rejects. A secret that came as NAME is
 * not here: it stays as it is while the process lives.
 */
export type SecretFiles<S extends SettingsSpec> = {
  readonly [K in keyof S]?: () => Promise<Reread<SettingsOf<S>[K]>>;
};

/**
 * @param env what the settings were read from
 * @param readFile for NAME_FILE; a trailing line break is dropped
 */
export function secretFiles<S extends SettingsSpec>(
  spec: S,
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => Promise<string> = (path) => readFileOfSystem(path, 'utf8'),
): SecretFiles<S> {
  const files: Record<string, () => Promise<Reread<unknown>>> = {};
  for (const [name, setting] of Object.entries(spec)) {
    const path = secretPath(name, setting, env);
    if (path !== undefined) files[name] = () => readAgain(name, setting, path, readFile);
  }
  return files as SecretFiles<S>;
}

async function readAgain(
  name: string,
  setting: Setting<unknown>,
  path: string,
  readFile: (path: string) => Promise<string>,
): Promise<Reread<unknown>> {
  let text: string | undefined;
  try {
    text = secretText(await readFile(path));
  } catch (error) {
    return { ok: false, fault: unreadableFault(name, path, error) };
  }
  if (text === undefined) return { ok: false, fault: `${name}_FILE names a file that is empty: ${path}` };
  const parsed = setting.schema.safeParse(text);
  if (parsed.success) return { ok: true, value: parsed.data };
  return { ok: false, fault: faultOf(name, setting, text, parsed.error) };
}

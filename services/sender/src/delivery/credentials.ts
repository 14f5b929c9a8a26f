import { type Clock, type Logger, type Reread, read } from '@whatsapp-stream/service-kit';
import type { Credentials } from './verihubs.ts';

/** Our account at Verihubs, as its files have it. */
export interface CredentialSource {
  /** The pair that is to be used for the next call. */
  current(): Credentials;
  /** Looks no more. */
  stop(): void;
}

export interface CredentialOptions {
  /** What the settings had at start. */
  readonly first: Credentials;
  /** How to read each again; undefined for one that did not come from a file, which stays as it is. */
  readonly files: { readonly [K in keyof Credentials]: (() => Promise<Reread<string>>) | undefined };
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Another pair is in use from now on: what was refused to the last one may be tried at once. */
  readonly onChanged: () => void;
}

const LOOK_EVERY_MS = 3_000;

/** What can stand in an HTTP header, so that a broken file is told when it is read, and not at every call. */
export const credentialSchema = read
  .text()
  .regex(/^[!-~]([ -~]*[!-~])?$/, 'must be one line of printable ASCII, without spaces around it');

/**
 * Keeps the credentials as their files have them, by looking at the content every 3 s: a secret that is mounted is
 * changed by exchanging links, which watching a file does not show. The two files may change one after the other:
 * a new pair is taken when it was there at two looks. While one cannot be read the last good pair stays in use, and
 * the log says so once.
 */
export function createCredentials(options: CredentialOptions): CredentialSource {
  const { first, files, clock, log, onChanged } = options;
  let current = first;
  /** Another pair than the current one, as the last look saw it. */
  let seen: Credentials | undefined;
  let told: string | undefined;
  let stopped = files.appId === undefined && files.apiKey === undefined;
  let cancelLook = () => {};

  async function look(): Promise<void> {
    const [appId, apiKey] = await Promise.all([files.appId?.(), files.apiKey?.()]);
    if (stopped) return;
    const faults = [appId, apiKey].flatMap((part) => (part && !part.ok ? [part.fault] : []));
    tell(faults);
    if (faults.length > 0) seen = undefined;
    else consider({ appId: readOf(appId) ?? first.appId, apiKey: readOf(apiKey) ?? first.apiKey });
    lookLater();
  }

  /** One half of a new pair with the other of the last would only be refused. */
  function consider(found: Credentials): void {
    const isNew = !isSame(found, current);
    if (isNew && seen && isSame(found, seen)) {
      current = found;
      seen = undefined;
      log.info('the credentials for Verihubs have changed: the new ones are used from now on');
      onChanged();
    } else seen = isNew ? found : undefined;
  }

  function tell(faults: readonly string[]): void {
    const now = faults.length > 0 ? faults.join('; ') : undefined;
    if (now === told) return;
    told = now;
    if (now === undefined) log.info('the credentials for Verihubs can be read again');
    else log.warn({ faults }, 'the credentials for Verihubs cannot be read: the last good ones stay in use');
  }

  function lookLater(): void {
    if (!stopped) cancelLook = clock.after(LOOK_EVERY_MS, look);
  }

  lookLater();
  return {
    current: () => current,
    stop() {
      stopped = true;
      cancelLook();
    },
  };
}

const readOf = (part: Reread<string> | undefined) => (part?.ok ? part.value : undefined);

const isSame = (a: Credentials, b: Credentials) => a.appId === b.appId && a.apiKey === b.apiKey;

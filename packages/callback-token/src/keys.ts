export interface SigningKey {
  /** Travels in the token, so that a callback that was signed before a rotation is still understood. */
  readonly id: string;
  readonly secret: string;
}

export type SigningKeysRead =
  | { readonly ok: true; readonly keys: readonly [SigningKey, ...SigningKey[]] }
  | { readonly ok: false; readonly fault: string };

const MIN_SECRET_LENGTH = 16;
const MAX_KEYS = 2;

/**
 * Reads `id:secret` or `id:secret,id:secret`. The first key signs, both verify: to rotate, put the new key
 * second everywhere, then first, then drop the old one.
 * @returns the keys, or a fault that shows no secret
 */
export function readSigningKeys(text: string): SigningKeysRead {
  const keys: SigningKey[] = [];
  for (const part of text.split(',').map((one) => one.trim())) {
    const colon = part.indexOf(':');
    const id = part.slice(0, Math.max(colon, 0));
    const secret = part.slice(colon + 1);
    if (!/^[A-Za-z0-9_-]{1,32}$/.test(id)) {
      return {
        ok: false,
        fault: 'must be id:secret, or two of them with a comma between (id: letters, digits, _ and -)',
      };
    }
    if (secret.length < MIN_SECRET_LENGTH) {
      return { ok: false, fault: `the secret of key ${id} is shorter than ${MIN_SECRET_LENGTH} characters` };
    }
    if (keys.some((key) => key.id === id)) return { ok: false, fault: `key ${id} is given twice` };
    keys.push({ id, secret });
  }
  const [first, ...others] = keys;
  if (!first || keys.length > MAX_KEYS)
    return { ok: false, fault: `must name one or two keys, not ${keys.length}` };
  return { ok: true, keys: [first, ...others] };
}

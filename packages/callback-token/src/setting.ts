import { z } from 'zod';
import { readSigningKeys, type SigningKey } from './keys.ts';

/** Reads `CALLBACK_SIGNING_KEYS`; a fault is told without the secret. */
export const signingKeysSchema = z
  .string()
  .transform((text, context): readonly [SigningKey, ...SigningKey[]] => {
    const result = readSigningKeys(text);
    if (result.ok) return result.keys;
    context.addIssue({ code: 'custom', message: result.fault });
    return z.NEVER;
  });

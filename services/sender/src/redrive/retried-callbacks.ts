import { type Status, statusOfCode } from '@whatsapp-stream/schemas';
import { z } from 'zod';

/** Callbacks by which a message ends that could fare better another time. The others are about the message itself. */
const RETRIABLE = ['8', '7', '6'];

/** Reads `8,7` or `none`. */
export function retriedCallbacks(): z.ZodType<ReadonlySet<Status>, string> {
  return z
    .string()
    .transform((text) => (text.trim() === 'none' ? [] : text.split(',').map((code) => code.trim())))
    .refine((codes) => codes.every((code) => RETRIABLE.includes(code)), {
      error: 'must be 8, 7 and 6, or some of them, separated by commas, or none',
    })
    .transform((codes) => new Set(codes.map((code) => statusOfCode(Number(code)))));
}

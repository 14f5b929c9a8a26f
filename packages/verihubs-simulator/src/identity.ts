import { hash } from 'node:crypto';
import type { SendBody } from './validate.ts';

/** The first 16 bytes of SHA-256, in base64url: as long as the project's other short hashes. */
const shortHash = (text: string): string =>
  hash('sha256', text, 'buffer').subarray(0, 16).toString('base64url');

/**
 * Says whether two requests ask for the same message: a hash over number, template, language and content.
 * The callback URL is left out because it differs from one attempt to the next. Publishers that need to
 * tell messages apart (tests) put something unique into each one's parameters.
 */
export function fingerprint(request: Omit<SendBody, 'callback_url'>): string {
  const { header_params, body_params, button_param } = request.content;
  return shortHash(
    JSON.stringify([
      request.msisdn,
      request.template_name,
      request.lang_code,
      header_params ?? [],
      body_params ?? [],
      button_param?.url_param ?? null,
    ]),
  );
}

/** A short hash of a phone number. It can be found by trying all numbers: it keeps logs readable, not secret. */
export const hashMsisdn = (msisdn: string): string => shortHash(msisdn);

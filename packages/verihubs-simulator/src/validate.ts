import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';

/** The body of `POST /v2/whatsapp/message/send`, as https://docs.verihubs.com/reference/send_whatsapp_msg_post_v2 has it. */
export type SendBody = {
  readonly msisdn: string;
  readonly template_name: string;
  readonly lang_code: string;
  readonly content: {
    readonly header_params?: readonly string[];
    readonly body_params?: readonly string[];
    readonly button_param?: { readonly url_param: string };
  };
  readonly callback_url?: string;
};

export type Validation =
  | { readonly ok: true; readonly request: SendBody }
  /** `problem` names the field and the rule, and never quotes what was sent. */
  | { readonly ok: false; readonly problem: string };

type Fields = Readonly<Record<string, unknown>>;

/** Looks at one value; null when it is as it should be. */
type Rule = (value: unknown, name: string) => string | null;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text: Rule = (value, name) => {
  if (typeof value !== 'string') return `${name} must be a string`;
  return value.trim() === '' ? `${name} must not be empty` : null;
};

const msisdn: Rule = (value, name) =>
  typeof value === 'string' && /^[1-9]\d{5,14}$/.test(value)
    ? null
    : `${name} must be a string of 6 to 15 digits in E.164 form, without + and not starting with 0`;

const callbackUrl: Rule = (value, name) => {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:')
    ? null
    : `${name} must be an absolute http or https URL`;
};

const params: Rule = (value, name) => {
  if (!Array.isArray(value)) return `${name} must be an array of strings`;
  if (value.length === 0) return `${name} must be left out when it is not used`;
  return value.every((item) => typeof item === 'string') ? null : `${name} must hold strings only`;
};

/** An object with exactly the required fields, any of the optional ones, and nothing else. */
function object(required: Readonly<Record<string, Rule>>, optional: Readonly<Record<string, Rule>>): Rule {
  const rules = new Map(Object.entries({ ...required, ...optional }));
  const names = Object.keys(required);
  return (value, name) => {
    const prefix = name === '' ? '' : `${name}.`;
    if (!isObject(value)) return `${name === '' ? 'the body' : name} must be an object`;
    for (const field of names) if (!Object.hasOwn(value, field)) return `${prefix}${field} is required`;
    for (const [field, item] of Object.entries(value)) {
      const rule = rules.get(field);
      if (rule === undefined) return `${name === '' ? 'the body' : name} has a field that is not known`;
      const problem = rule(item, prefix + field);
      if (problem !== null) return problem;
    }
    return null;
  };
}

const sendBody = object(
  {
    msisdn,
    template_name: text,
    lang_code: text,
    content: object(
      {},
      { header_params: params, body_params: params, button_param: object({ url_param: text }, {}) },
    ),
  },
  { callback_url: callbackUrl },
);

const isSendBody = (value: unknown): value is SendBody => sendBody(value, '') === null;

/**
 * Checks a request body by the documented types, and more strictly than is documented: `content` must be
 * there, parts that are not used must be left out (neither null nor empty), unknown fields are refused.
 */
export function validateBody(body: Buffer): Validation {
  if (!isUtf8(body)) return { ok: false, problem: 'the body must be UTF-8' };
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return { ok: false, problem: 'the body must be JSON' };
  }
  if (isSendBody(value)) return { ok: true, request: value };
  return { ok: false, problem: sendBody(value, '') ?? 'the body is not valid' };
}

const JSON_TYPE = /^application\/json(?:\s*;\s*charset="?utf-8"?)?$/i;

/** Checks `accept` and `content-type`; null when both are as documented. */
export function validateHeaders(headers: IncomingHttpHeaders): string | null {
  if (!JSON_TYPE.test(headers['content-type'] ?? '')) return 'content-type must be application/json';
  return (headers.accept ?? '').trim().toLowerCase() === 'application/json'
    ? null
    : 'accept must be application/json';
}

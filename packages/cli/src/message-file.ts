import { faultsOfMessage, type MessageRules, type NewMessage } from '@whatsapp-stream/client';
import { ON_DOUBT_SYMBOLS } from '@whatsapp-stream/schemas';
import { z } from 'zod';

/** What holds for lines that leave it out. */
export type LineDefaults = Pick<NewMessage, 'source' | 'onDoubt' | 'expiresAt'> & {
  readonly lane?: string;
};

export type MessageFile =
  | { readonly ok: true; readonly messages: readonly NewMessage[] }
  /** Each fault is a sentence that begins with its line's number. */
  | { readonly ok: false; readonly faults: readonly string[] };

const timestamp = z.union(
  [z.int().nonnegative(), z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))],
  { error: 'must be ms since 1970, or a time like 2026-01-31T08:00:00Z' },
);

/** The fields of a `SendRequest` under their own names, and the lane. An unknown field is more likely a typing error than meant. */
const lineSchema = z.strictObject({
  lane: z.string().exactOptional(),
  message_id: z.string().exactOptional(),
  msisdn: z.string(),
  template: z.strictObject({
    name: z.string(),
    lang_code: z.string(),
    header_params: z.array(z.string()).exactOptional(),
    body_params: z.array(z.string()).exactOptional(),
    button_url_param: z.string().nullable().exactOptional(),
  }),
  requested_at: timestamp.exactOptional(),
  expires_at: timestamp.nullable().exactOptional(),
  source: z.string().exactOptional(),
  on_doubt: z.enum(ON_DOUBT_SYMBOLS).exactOptional(),
  metadata: z.record(z.string(), z.string()).exactOptional(),
});

/**
 * Reads messages, one JSON object a line; empty lines are passed over. All lines are checked.
 * @returns all messages, or every fault of every line; no fault quotes a number or a template's parameter
 */
export function parseMessages(text: string, defaults: LineDefaults, rules: MessageRules): MessageFile {
  const messages: NewMessage[] = [];
  const faults: string[] = [];
  const lineOfId = new Map<string, number>();
  for (const [i, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '') continue;
    const read = parseLine(line, defaults, rules);
    const found = read.ok ? [] : [...read.faults];
    const id = read.ok ? read.message.messageId : undefined;
    const before = id === undefined ? undefined : lineOfId.get(id);
    if (before !== undefined) found.push(`message_id is that of line ${before} already`);
    else if (id !== undefined) lineOfId.set(id, i + 1);
    if (read.ok) messages.push(read.message);
    faults.push(...found.map((fault) => `line ${i + 1}: ${fault}`));
  }
  if (messages.length === 0 && faults.length === 0) faults.push('there is no message in it');
  return faults.length > 0 ? { ok: false, faults } : { ok: true, messages };
}

type Line =
  | { readonly ok: true; readonly message: NewMessage }
  | { readonly ok: false; readonly faults: readonly string[] };

function parseLine(line: string, defaults: LineDefaults, rules: MessageRules): Line {
  const json = parseJson(line);
  if (json === undefined) return { ok: false, faults: ['is not a JSON object'] };
  const parsed = lineSchema.safeParse(json);
  if (!parsed.success) return { ok: false, faults: parsed.error.issues.map(faultOf) };
  const { lane: defaultLane, ...defaultFields } = defaults;
  const { lane = defaultLane, ...fields } = parsed.data;
  if (lane === undefined) return { ok: false, faults: ['lane is missing, and --lane is not given either'] };
  const message: NewMessage = { ...defaultFields, ...inOurWords(fields), lane };
  const faults = faultsInFileWords(message, rules);
  return faults.length > 0 ? { ok: false, faults } : { ok: true, message };
}

/** Left out stays left out, so that what holds for all lines holds. */
function inOurWords({
  message_id,
  template: { name, lang_code, header_params, body_params, button_url_param },
  requested_at,
  expires_at,
  on_doubt,
  ...same
}: z.infer<typeof lineSchema>): Omit<NewMessage, 'lane'> {
  return {
    ...same,
    ...(message_id === undefined ? {} : { messageId: message_id }),
    template: {
      name,
      langCode: lang_code,
      headerParams: header_params,
      bodyParams: body_params,
      buttonUrlParam: button_url_param,
    },
    ...(requested_at === undefined ? {} : { requestedAt: requested_at }),
    ...(expires_at === undefined ? {} : { expiresAt: expires_at }),
    ...(on_doubt === undefined ? {} : { onDoubt: on_doubt }),
  };
}

/** The faults of a message, which name its fields as they are called in files and on the wire. */
export function faultsInFileWords(message: NewMessage, rules: MessageRules): readonly string[] {
  return faultsOfMessage(message, rules).map((fault) =>
    fault.replace(/^[\w.]+/, (field) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)),
  );
}

/** What the parser says of a fault quotes the line, and so perhaps a phone number: it is not told. */
function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function faultOf(issue: z.core.$ZodIssue): string {
  const field = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return `${field === '' ? 'it' : field} has fields that are not known: ${issue.keys.join(', ')}`;
  }
  return field === '' ? 'is not a JSON object' : `${field}: ${issue.message}`;
}

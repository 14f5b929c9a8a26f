import type { NewMessage } from '@whatsapp-stream/client';
import { newSendRequest, newTemplate, type SendRequest } from '@whatsapp-stream/schemas';
import { between, chance, pick, type Random, whole } from '../support/random.ts';

/** Something that a publishing domain writes into a lane. */
export type Letter =
  | { readonly kind: 'message'; readonly message: NewMessage & { readonly messageId: string } }
  /** Well-formed Avro that no sender may send. */
  | { readonly kind: 'invalid'; readonly lane: Lane; readonly request: SendRequest }
  /** No Avro at all. */
  | {
      readonly kind: 'garbage';
      readonly lane: Lane;
      readonly key: string;
      readonly value: Buffer | null;
    };

export interface Traffic {
  /** What is written in a span of time that ends at `now` (ms since the epoch). */
  next(spanMs: number, now: number): readonly Letter[];
}

export interface TrafficOptions {
  readonly random: Random;
  /** Begins every message id. */
  readonly run: string;
  /** Records a second, on average. */
  readonly rate: number;
}

export const LANES = ['otp', 'transactional', 'marketing'] as const;
type Lane = (typeof LANES)[number];
/** Templates of what is sent by campaigns. */
export const CAMPAIGNS = ['sale_november', 'new_arrivals'] as const;

/** Shares of the rate in each lane; on average 1 together. */
const WAVES: readonly [Wave, ...Wave[]] = [
  { otp: 0.1, transactional: 0.2, marketing: 0.1 },
  { otp: 0.2, transactional: 0.3, marketing: 0 },
  { otp: 0.1, transactional: 0.3, marketing: 2.2 },
  { otp: 0.6, transactional: 0.1, marketing: 0.3 },
  { otp: 0.05, transactional: 0.4, marketing: 0.05 },
];
type Wave = Readonly<Record<Lane, number>>;

const REPEATED = 0.01;
/** Of the repeats: by a publisher that does not keep to the rules. */
const REPEATED_OTHERWISE = 0.3;
const INVALID = 0.01;
const GARBAGE = 0.003;
/** Repeats are made of one of so many latest messages. */
const REMEMBERED = 2_000;

/** Bursts of a campaign, trickles of one-time passwords, and what goes wrong at a publisher. */
export function createTraffic({ random, run, rate }: TrafficOptions): Traffic {
  const latest: Extract<Letter, { kind: 'message' }>[] = [];
  let wave = WAVES[0];
  let waveLeftMs = 0;
  let count = 0;
  /** Fractions of a record that are due. */
  const due: Record<Lane, number> = { otp: 0, transactional: 0, marketing: 0 };

  function letter(lane: Lane, now: number): Letter {
    const id = `${run}-${count++}`;
    if (chance(random, GARBAGE)) return garbage(random, lane, id);
    if (chance(random, INVALID)) return invalid(random, lane, id, now);
    const before = latest[Math.floor(random() * latest.length)];
    if (before !== undefined && chance(random, REPEATED))
      return chance(random, REPEATED_OTHERWISE) ? otherwise(before) : before;
    const fresh = { kind: 'message', message: message(random, lane, id, count, now) } as const;
    latest.push(fresh);
    if (latest.length > REMEMBERED) latest.shift();
    return fresh;
  }

  return {
    next(spanMs, now) {
      waveLeftMs -= spanMs;
      if (waveLeftMs <= 0) {
        wave = pick(random, WAVES);
        waveLeftMs = between(random, 3_000, 9_000);
      }
      return LANES.flatMap((lane) => {
        due[lane] += (rate * wave[lane] * spanMs) / 1_000;
        const whole = Math.floor(due[lane]);
        due[lane] -= whole;
        return Array.from({ length: whole }, () => letter(lane, now));
      });
    },
  };
}

function message(random: Random, lane: Lane, id: string, n: number, now: number) {
  return {
    lane,
    messageId: id,
    msisdn: `62812${String(n).padStart(7, '0')}`,
    template: {
      name: lane === 'marketing' ? pick(random, CAMPAIGNS) : 'order_update',
      langCode: 'id',
      bodyParams: [id],
    },
    // Given, so that a repeat is the same to the last byte.
    requestedAt: now,
    expiresAt: expiry(random, now),
    onDoubt: pick(random, ['LANE_DEFAULT', 'LANE_DEFAULT', 'RESEND', 'HOLD']),
  } as const;
}

/** The same id with other content, in another lane. */
function otherwise({ message }: Extract<Letter, { kind: 'message' }>): Letter {
  const lane = LANES.find((one) => one !== message.lane) ?? 'otp';
  const template = { name: 'order_update', langCode: 'id', bodyParams: ['another'] };
  return { kind: 'message', message: { ...message, lane, template } };
}

function expiry(random: Random, now: number): number | null {
  if (chance(random, 0.05)) return Math.round(now + between(random, 500, 8_000));
  return chance(random, 0.1) ? now + 600_000 : null;
}

function invalid(random: Random, lane: Lane, id: string, now: number): Letter {
  const template = newTemplate({ name: 'order_update', lang_code: 'id', body_params: [id] });
  const sound = newSendRequest({ message_id: id, msisdn: '628120000000', template, requested_at: now });
  const request = pick<SendRequest>(random, [
    { ...sound, msisdn: '0812345678' },
    { ...sound, msisdn: 'nobody' },
    { ...sound, template: null },
    { ...sound, template: { ...template, name: '' } },
  ]);
  return { kind: 'invalid', lane, request };
}

function garbage(random: Random, lane: Lane, key: string): Letter {
  const noise = Buffer.from(Array.from({ length: whole(random, 1, 40) }, () => whole(random, 0, 255)));
  const value = pick(random, [null, Buffer.alloc(0), Buffer.from('{"to":"nobody"}'), noise]);
  return { kind: 'garbage', lane, key, value };
}

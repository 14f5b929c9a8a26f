import { signingKeysSchema } from '@whatsapp-stream/callback-token';
import { laneOf } from '@whatsapp-stream/schemas';
import {
  adminSettings,
  groupSettings,
  kafkaFaults,
  kafkaSettings,
  read,
  registrySettings,
  type SettingsOf,
  type SettingsSpec,
  topicFaults,
  topicSettings,
} from '@whatsapp-stream/service-kit';
import { credentialSchema } from './delivery/credentials.ts';
import { sendingHours, sendingHoursFaults } from './lanes/hours-settings.ts';
import { laneShareFaults, laneShares } from './lanes/share-settings.ts';
import { perLaneMs } from './per-lane.ts';
import { retriedCallbacks } from './redrive/retried-callbacks.ts';

/** Kafka's own bounds for group members (`group.min.session.timeout.ms`, `group.max.session.timeout.ms`). */
const SESSION_TIMEOUT_MS = { min: 6_000, max: 1_800_000 };

/** Every setting of the sender. */
export const senderSettings = {
  ...kafkaSettings,
  ...registrySettings,
  ...topicSettings,
  ...groupSettings,
  SENDER_SESSION_TIMEOUT_MS: {
    describe: 'How long a silent replica stays the active one.',
    default: '10000',
    schema: read.integer(SESSION_TIMEOUT_MS.min, SESSION_TIMEOUT_MS.max),
  },
  VERIHUBS_BASE_URL: {
    describe: "Verihubs' API.",
    default: 'https://api.verihubs.com',
    schema: read.url(),
  },
  VERIHUBS_APP_ID: {
    describe: 'App-ID of the client account; read again when its file changes.',
    secret: true,
    schema: credentialSchema,
  },
  VERIHUBS_API_KEY: {
    describe: 'API-Key of the client account; read again when its file changes.',
    secret: true,
    schema: credentialSchema,
  },
  VERIHUBS_MAX_RPS: {
    describe: "Requests a second that may be used of the account's limit.",
    default: '50',
    schema: read.integer(1, 100_000),
  },
  VERIHUBS_TIMEOUT_MS: {
    describe: 'How long a call may take.',
    default: '10000',
    schema: read.integer(100, 60_000),
  },
  VERIHUBS_MAX_CONNECTIONS: {
    describe: 'Calls that may be under way at a time.',
    default: '512',
    schema: read.integer(1, 10_000),
  },
  PACE_GUARD_MS: {
    describe: 'Added to the second that the limit counts in, against jitter of arrivals.',
    default: '20',
    schema: read.integer(0, 1_000),
  },
  DOUBT_GRACE_MS: {
    describe:
      "How long word of an attempt in doubt is waited for: `30000`, or with other times for single lanes, `30000,otp:20000`; at least the call's time-out and ten seconds.",
    default: '30000',
    schema: perLaneMs(1_000, 3_600_000),
  },
  DEDUPE_WINDOW_MS: {
    describe: 'How long a settled message_id is remembered, so that it is not sent again.',
    default: '3600000',
    schema: read.integer(60_000, 7 * 24 * 3_600_000),
  },
  DEDUPE_MAX_MESSAGES: {
    describe: 'And how many of them at most, beside those that the committed offsets still need.',
    default: '500000',
    schema: read.integer(10_000, 10_000_000),
  },
  INTAKE_MAX_RECORDS: {
    describe: 'Records of a partition that may be in memory before it is paused.',
    default: '1000',
    schema: read.integer(10, 100_000),
  },
  LANE_SHARES: {
    describe:
      'What the lanes get of the rate while all of them have work, in per cent, together 100: `otp:50,transactional:30,marketing:20`. What a lane does not use goes to the most urgent one that waits. `usual`: these three, and 20 for any other lane, brought to 100 together.',
    default: 'usual',
    schema: laneShares(),
  },
  SENDING_HOURS: {
    describe:
      'When lanes may send; what comes outside waits: `marketing: 08:00-20:00 Asia/Jakarta; transactional: 06:00-23:30 Asia/Jakarta`. May go over midnight.',
    default: 'always',
    schema: sendingHours(),
  },
  BLOCKED_TTL_MS: {
    describe:
      'How long a recipient is not called that Verihubs has told is blocked (HTTP 409, callback status 9); 0: each is called.',
    default: '86400000',
    schema: read.integer(0, 30 * 24 * 3_600_000),
  },
  RETRY_CALLBACKS: {
    describe:
      'Callback statuses that are answered with another attempt: `8`, or of `8,7,6` those that you want, or `none`.',
    default: '8',
    schema: retriedCallbacks(),
  },
  CALLBACK_BASE_URL: {
    describe: 'Where Verihubs reaches callback-ingest.',
    schema: read.url(),
  },
  CALLBACK_SIGNING_KEYS: {
    describe: 'Keys of the callback URLs, `id:secret,id:secret`; the first one signs.',
    secret: true,
    schema: signingKeysSchema,
  },
  RECIPIENT_HASH_KEY: {
    describe: 'When set, status events carry a keyed hash of the phone number.',
    optional: true,
    secret: true,
    schema: read.text(),
  },
  ...adminSettings('9464'),
} as const satisfies SettingsSpec;

export type SenderConfig = SettingsOf<typeof senderSettings>;

/**
 * What a late replica may still need to record an outcome. Word of an attempt must not be given up before the
 * call and that have had their time.
 */
const OUTCOME_WITHIN_MS = 10_000;

/** Done records above one that waits, in times of INTAKE_MAX_RECORDS, before their partition is paused. */
export const MAX_HELD_FACTOR = 20;

/** Faults that only several settings together can have. */
export function senderFaults(config: SenderConfig): readonly string[] {
  const faults = [...kafkaFaults(config), ...topicFaults(config)];
  faults.push(...graceFaults(config));
  const lanes = config.SEND_TOPICS.map(laneOf);
  faults.push(
    ...laneShareFaults(config.LANE_SHARES, lanes),
    ...sendingHoursFaults(config.SENDING_HOURS, lanes),
  );
  if (config.VERIHUBS_MAX_CONNECTIONS < config.VERIHUBS_MAX_RPS / 10) {
    faults.push(
      `VERIHUBS_MAX_CONNECTIONS=${config.VERIHUBS_MAX_CONNECTIONS} cannot carry VERIHUBS_MAX_RPS=${config.VERIHUBS_MAX_RPS} with answers after 100 ms`,
    );
  }
  return faults;
}

function graceFaults({
  DOUBT_GRACE_MS: grace,
  VERIHUBS_TIMEOUT_MS,
  SEND_TOPICS,
}: SenderConfig): readonly string[] {
  const least = VERIHUBS_TIMEOUT_MS + OUTCOME_WITHIN_MS;
  const lanes = SEND_TOPICS.map(laneOf);
  return [
    ...lanes
      .filter((lane) => grace.of(lane) < least)
      .map(
        (lane) =>
          `DOUBT_GRACE_MS: ${grace.of(lane)} for ${lane} is shorter than VERIHUBS_TIMEOUT_MS and ${OUTCOME_WITHIN_MS} ms: at least ${least}`,
      ),
    ...grace.named
      .filter((lane) => !lanes.includes(lane))
      .map((lane) => `DOUBT_GRACE_MS names ${lane}, which is no lane of SEND_TOPICS (${lanes.join(', ')})`),
  ];
}

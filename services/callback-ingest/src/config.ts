import { signingKeysSchema } from '@whatsapp-stream/callback-token';
import {
  adminSettings,
  kafkaSettings,
  read,
  registrySettings,
  type SettingsOf,
  type SettingsSpec,
  topicSettings,
} from '@whatsapp-stream/service-kit';
import { networksSchema } from './http/networks.ts';

const PORT = read.integer(0, 65_535);

/** Every setting of callback-ingest beside `LOG_LEVEL`. */
export const callbackIngestSettings = {
  ...kafkaSettings,
  ...registrySettings,
  STATUS_TOPIC: topicSettings.STATUS_TOPIC,
  CALLBACK_HOST: {
    describe: 'Address that callbacks are taken at; `0.0.0.0` for all of the machine.',
    default: '127.0.0.1',
    schema: read.text(),
  },
  CALLBACK_PORT: {
    describe: 'Port that callbacks are taken at; 0 for any free one.',
    default: '8080',
    schema: PORT,
  },
  CALLBACK_SIGNING_KEYS: {
    describe:
      'Keys of the tokens in callback URLs, `id:secret` or `id:secret,id:secret`; a callback signed with either is taken.',
    secret: true,
    schema: signingKeysSchema,
  },
  CALLBACK_UNSIGNED: {
    describe: 'What is done with a callback without a token: `accept` (kept as not verified) or `reject`.',
    default: 'reject',
    schema: read.oneOf(['accept', 'reject']),
  },
  CALLBACK_MAX_AGE_MS: {
    describe:
      'How old the token of a callback may be, in ms; older ones are refused. Unset: a token is good for as long as its key.',
    optional: true,
    schema: read.integer(60_000),
  },
  CALLBACK_ALLOWED_ADDRESSES: {
    describe:
      'Who may call, as addresses and networks, `203.0.113.7,2001:db8::/32`; others are refused. Unset: everybody with a valid token.',
    optional: true,
    schema: networksSchema,
  },
  CALLBACK_TRUSTED_PROXIES: {
    describe:
      'Load balancers whose `X-Forwarded-For` is believed, as addresses and networks. Unset: none, the caller is who opened the connection.',
    optional: true,
    schema: networksSchema,
  },
  CALLBACK_MAX_CONNECTIONS: {
    describe: 'Connections to the public port at a time; what comes beyond is closed at once.',
    default: '5000',
    schema: read.integer(1, 1_000_000),
  },
  CALLBACK_MAX_PENDING: {
    describe: 'Callbacks that may wait to be kept at a time; what comes beyond is answered 503 at once.',
    default: '10000',
    schema: read.integer(1, 1_000_000),
  },
  CALLBACK_STOP_DELAY_MS: {
    describe:
      'How long callbacks are still taken after SIGTERM, in ms, while `/readyz` already says no: a load balancer wants time to notice.',
    default: '1000',
    schema: read.integer(0, 4_000),
  },
  KAFKA_ACK_TIMEOUT_MS: {
    describe:
      'How long a callback waits for Kafka to acknowledge its event before the spool keeps it, in ms.',
    default: '1000',
    schema: read.integer(10, 5_000),
  },
  SPOOL_DIR: {
    describe:
      'Folder of the callbacks that Kafka has not taken yet. Each instance needs its own, on a disk that outlives it.',
    default: 'data/callback-spool',
    schema: read.text(),
  },
  SPOOL_MAX_BYTES: {
    describe: 'How large the spool may become; beyond that callbacks are answered 503 while Kafka is away.',
    default: String(2 ** 30),
    schema: read.integer(2 ** 20),
  },
  ...adminSettings('9465'),
} as const satisfies SettingsSpec;

export type CallbackIngestSettings = SettingsOf<typeof callbackIngestSettings>;

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
  CALLBACK_MAX_PENDING: {
    describe: 'Events that may wait for Kafka at a time; what comes beyond is answered 503 at once.',
    default: '10000',
    schema: read.integer(1, 1_000_000),
  },
  KAFKA_ACK_TIMEOUT_MS: {
    describe:
      'How long a callback waits for Kafka to acknowledge its event before it is answered 503, in ms.',
    default: '1000',
    schema: read.integer(10, 5_000),
  },
  ...adminSettings('9465'),
} as const satisfies SettingsSpec;

export type CallbackIngestSettings = SettingsOf<typeof callbackIngestSettings>;

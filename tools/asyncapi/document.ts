import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { HTTP_MESSAGES, httpChannels, httpOperations } from './http.ts';
import { type JsonObject, ref } from './json.ts';
import { KAFKA_MESSAGES } from './kafka-messages.ts';
import { kafkaChannels, kafkaOperations } from './topics.ts';
import * as words from './words.ts';

const PACKAGE: { readonly version: string; readonly license: string } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
);

const SERVERS: JsonObject = {
  kafka: {
    host: 'kafka.example.com:9092',
    protocol: 'kafka',
    title: 'Kafka',
    description: words.SERVERS.kafka,
  },
  verihubs: {
    host: 'api.verihubs.com',
    protocol: 'https',
    title: 'Verihubs',
    description: words.SERVERS.verihubs,
    security: [ref('components', 'securitySchemes', 'appId'), ref('components', 'securitySchemes', 'apiKey')],
  },
  callbacks: {
    host: 'callbacks.example.com',
    protocol: 'https',
    title: 'Callbacks',
    description: words.SERVERS.callbacks,
  },
};

/** The contract of the whole system as an AsyncAPI 3.0 document (https://www.asyncapi.com/docs/reference/specification/v3.0.0). */
export function asyncApiDocument(): JsonObject {
  return {
    asyncapi: '3.0.0',
    id: 'urn:whatsapp-stream',
    info: {
      title: 'WhatsApp Stream',
      version: PACKAGE.version,
      description: words.ABOUT,
      license: { name: PACKAGE.license, url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      tags: [{ name: 'whatsapp' }, { name: 'kafka' }],
    },
    defaultContentType: 'application/vnd.apache.avro',
    servers: SERVERS,
    channels: { ...kafkaChannels(), ...httpChannels() },
    operations: { ...kafkaOperations(), ...httpOperations() },
    components: {
      messages: { ...KAFKA_MESSAGES, ...HTTP_MESSAGES },
      securitySchemes: {
        appId: { type: 'httpApiKey', in: 'header', name: 'App-ID', description: '`VERIHUBS_APP_ID`' },
        apiKey: { type: 'httpApiKey', in: 'header', name: 'API-Key', description: '`VERIHUBS_API_KEY`' },
      },
    },
  };
}

/** The document as the text of `docs/asyncapi.yaml`. */
export function asyncApiText(): string {
  const comment =
    '# Made by `npm run generate` from the code; the words stand in tools/asyncapi/words.ts. Do not edit.\n';
  return comment + stringify(asyncApiDocument(), { lineWidth: 0, aliasDuplicateObjects: false });
}

/**
 * What a team would write first: `first-written.ts URL`. kafkajs hands over one message after the other; each is
 * decoded, posted, and its outcome written with acks from all, before the next one. It keeps its offsets as kafkajs
 * does by default, and promises nothing: killed, it sends again what it has sent. The environment is the sender's.
 */
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { newStatusEvent, type SendRequest, subjectOf } from '@whatsapp-stream/schemas';
import kafkajs from 'kafkajs';
import { request } from 'undici';

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

const url = `${process.argv[2]}/v2/whatsapp/message/send`;
const statusTopic = setting('STATUS_TOPIC');
const registry = new SchemaRegistry({ host: setting('SCHEMA_REGISTRY_URL') });
const kafka = new kafkajs.Kafka({
  clientId: 'first-written',
  brokers: setting('KAFKA_BROKERS').split(','),
  logLevel: kafkajs.logLevel.ERROR,
});
const schemaId = await registry.getRegistryId(subjectOf(statusTopic), 1);
const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
const consumer = kafka.consumer({ groupId: `${setting('SENDER_GROUP')}-first-written` });

async function post(message: SendRequest): Promise<{ statusCode: number; sessionId: string }> {
  const { statusCode, body } = await request(url, {
    method: 'POST',
    headers: {
      'App-ID': setting('VERIHUBS_APP_ID'),
      'API-Key': setting('VERIHUBS_API_KEY'),
      accept: 'application/json',
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      msisdn: message.msisdn,
      template_name: message.template?.name,
      lang_code: message.template?.lang_code,
      content: { body_params: message.template?.body_params },
      callback_url: `http://127.0.0.1:8080/callbacks/${message.message_id}`,
    }),
  });
  const answer = (await body.json()) as { readonly session_id: string };
  return { statusCode, sessionId: answer.session_id };
}

await producer.connect();
await consumer.connect();
await consumer.subscribe({ topics: setting('SEND_TOPICS').split(','), fromBeginning: true });
await consumer.run({
  eachMessage: async ({ message }) => {
    if (message.value === null) return;
    const sendRequest: SendRequest = await registry.decode(message.value);
    const { statusCode, sessionId } = await post(sendRequest);
    const event = newStatusEvent({
      event_id: `${sendRequest.message_id}-${statusCode}`,
      message_id: sendRequest.message_id,
      session_id: sessionId,
      status: statusCode === 201 ? 'ACCEPTED' : 'REFUSED',
      origin: 'SENDER',
      attempt: 1,
      occurred_at: Date.now(),
      http_status: statusCode,
      source: sendRequest.source,
      template_name: sendRequest.template?.name ?? null,
    });
    const value = await registry.encode(schemaId, event);
    await producer.send({
      topic: statusTopic,
      acks: -1,
      messages: [{ key: sendRequest.message_id, value }],
    });
  },
});

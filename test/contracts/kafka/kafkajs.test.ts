/** Our adapter over kafkajs, against a real broker. */
import { createKafka } from '@whatsapp-stream/kafka';
import { kafkaContract } from './contract.ts';

const none = () => undefined;
const log = { debug: none, info: none, warn: none, error: none };

kafkaContract('kafkajs', (options) => createKafka({ ...options, clientId: 'contract', log }));

import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { addAbortSignal } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createPublisher, type NewMessage, type Receipt } from '@whatsapp-stream/client';
import { KafkaWriteError } from '@whatsapp-stream/kafka';
import { laneOf } from '@whatsapp-stream/schemas';
import { EXIT } from '@whatsapp-stream/service-kit';
import { CommandError, errorText, INTERRUPTED, runCommand } from './command.ts';
import { type Connection, connection, reach } from './connection.ts';
import { faultsInFileWords, parseMessages } from './message-file.ts';
import { defaultsOf, messageOf, optionFaults, type SendOptions, sendCommand } from './send-options.ts';

const MAX_FAULTS_SHOWN = 20;
/** So that a long file shows its progress, and what failed is known to the hundred. */
const PUBLISHED_AT_ONCE = 100;
const DEFAULT_SOURCE = 'cli';

/** A message whose id is known before it is published, so that it can be told if that fails. */
type NamedMessage = NewMessage & { readonly messageId: string };

const command = sendCommand();

async function send(options: SendOptions, stop: AbortSignal): Promise<number> {
  refuseFaults(optionFaults(options));
  const cluster = connection({ program: 'send', note });
  const messages = await messagesOf(options, cluster.names.lanes, stop);
  await reach(cluster);
  const published = await publish(cluster, messages, options.json === true, stop);
  if (published < messages.length) {
    note(`interrupted: the first ${published} of ${messages.length} messages are published`);
    return INTERRUPTED;
  }
  const [only] = messages;
  if (options.json) return EXIT.ok;
  note(
    messages.length === 1 && only
      ? `follow it:  npm run status -- --message-id ${only.messageId} --follow`
      : 'follow them:  npm run status -- --follow',
  );
  return EXIT.ok;
}

async function messagesOf(
  options: SendOptions,
  lanes: readonly string[],
  stop: AbortSignal,
): Promise<readonly NamedMessage[]> {
  const rules = { lanes, nowMs: Date.now() };
  if (options.file === undefined) {
    const message = messageOf(options, rules.nowMs);
    refuseFaults(faultsInFileWords(message, rules));
    return [named(message)];
  }
  const parsed = parseMessages(await contentOf(options.file, stop), defaultsOf(options, rules.nowMs), rules);
  if (!parsed.ok) throw refusal(parsed.faults);
  return parsed.messages.map(named);
}

function named(message: NewMessage): NamedMessage {
  return { ...message, messageId: message.messageId ?? randomUUID() };
}

async function contentOf(path: string, stop: AbortSignal): Promise<string> {
  if (path === '-') return text(addAbortSignal(stop, process.stdin));
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CommandError(`--file ${path} cannot be read: ${errorText(error)}`, EXIT.usage);
  }
}

function refuseFaults(faults: readonly string[]): void {
  if (faults.length > 0) throw refusal(faults);
}

function refusal(faults: readonly string[]): CommandError {
  const shown = faults.slice(0, MAX_FAULTS_SHOWN).map((fault) => `\n  - ${fault}`);
  const more = faults.length > shown.length ? `\n  … and ${faults.length - shown.length} more` : '';
  return new CommandError(`nothing was published:${shown.join('')}${more}`, EXIT.usage);
}

/** @returns how many were published: all, unless `stop` came first */
async function publish(
  cluster: Connection,
  messages: readonly NamedMessage[],
  json: boolean,
  stop: AbortSignal,
): Promise<number> {
  const { kafka, registry, names } = cluster;
  const publisher = await createPublisher({ kafka, registry, topics: names, source: DEFAULT_SOURCE });
  let acknowledged = 0;
  try {
    while (acknowledged < messages.length && !stop.aborted) {
      const some = messages.slice(acknowledged, acknowledged + PUBLISHED_AT_ONCE);
      for (const receipt of await publisher.sendMany(some)) {
        process.stdout.write(`${json ? jsonLine(receipt) : line(receipt)}\n`);
      }
      acknowledged += some.length;
    }
  } catch (error) {
    if (!(error instanceof KafkaWriteError)) throw error;
    throw new CommandError(interrupted(error, messages, acknowledged), EXIT.unavailable);
  } finally {
    await publisher.close();
  }
  return acknowledged;
}

function interrupted(error: Error, messages: readonly NamedMessage[], acknowledged: number): string {
  const doubtful = messages.slice(acknowledged, acknowledged + PUBLISHED_AT_ONCE);
  const ids = doubtful.map(({ messageId }) => `\n  ${messageId}`).join('');
  return `${error.message}
${acknowledged} of ${messages.length} messages are published. Of these it is not known; published again under the same id each is sent once:${ids}
${messages.length - acknowledged - doubtful.length} after them were not tried.`;
}

function line({ messageId, topic, partition, offset }: Receipt): string {
  return `${messageId} → ${topic} ${partition}@${offset}`;
}

function jsonLine({ messageId, topic, partition, offset }: Receipt): string {
  return JSON.stringify({ message_id: messageId, lane: laneOf(topic), topic, partition, offset });
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

await runCommand(command, () => (stop) => send(command.opts<SendOptions>(), stop));

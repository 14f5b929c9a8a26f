import { randomBytes } from 'node:crypto';
import { type Backlog, backlogs, withAdmin } from '@whatsapp-stream/kafka';
import { type Cancellable, createDecoder, isCalledBack, laneOf } from '@whatsapp-stream/schemas';
import { EXIT } from '@whatsapp-stream/service-kit';
import { countInLane, type LaneCount } from './cancel-count.ts';
import { type CancelOptions, type CancelRequest, cancelCommand, cancelRequest } from './cancel-options.ts';
import { countJson, countLines, ruleJson, ruleLine, showMatch, showUntil } from './cancel-view.ts';
import { CommandError, errorText, INTERRUPTED, runCommand } from './command.ts';
import { type Connection, connection, reach, reachKafka } from './connection.ts';
import { controlNow, requireTopics, tellControl, wordsOf } from './control-topic.ts';

type Cancel = Extract<CancelRequest, { readonly kind: 'cancel' }>;

const NOT_FOUND = 1;
const ID_BYTES = 4;

const command = cancelCommand();

async function cancel(options: CancelOptions, stop: AbortSignal): Promise<number> {
  const cluster = connection({ program: 'cancel', note });
  const request = cancelRequest(options, cluster.names.lanes);
  if ('faults' in request) {
    const faults = request.faults.map((fault) => `\n  - ${fault}`).join('');
    throw new CommandError(`nothing was done:${faults}`, EXIT.usage);
  }
  await (request.kind === 'cancel' && request.dryRun ? reach(cluster) : reachKafka(cluster));
  await requireTopics(cluster.kafka, [...cluster.names.lanes, cluster.names.control]);
  switch (request.kind) {
    case 'list':
      return list(cluster, options, stop);
    case 'undo':
      return undo(cluster, request.id, options, stop);
    case 'cancel':
      return request.dryRun
        ? dryRun(cluster, request, options, stop)
        : callBack(cluster, request, options, stop);
  }
}

async function list(
  { kafka, names }: Connection,
  { json }: CancelOptions,
  stop: AbortSignal,
): Promise<number> {
  const view = await controlNow(kafka, names.control, stop);
  if (stop.aborted) return INTERRUPTED;
  const now = Date.now();
  for (const [id, told] of view.cancellations()) print(json ? ruleJson(id, told) : ruleLine(id, told, now));
  if (view.cancellations().size === 0) note('no cancellation is in force');
  if (view.skipped() > 0) note(`${view.skipped()} control records are not understood`);
  return EXIT.ok;
}

async function undo(
  { kafka, names }: Connection,
  id: string,
  { json }: CancelOptions,
  stop: AbortSignal,
): Promise<number> {
  const view = await controlNow(kafka, names.control, stop);
  if (stop.aborted) return INTERRUPTED;
  if (!view.cancellations().has(id)) {
    note(`there is no cancellation ${id}: --list shows them`);
    return NOT_FOUND;
  }
  await tellControl(kafka, names.control, [{ kind: 'cancellation', id, cancellation: null }]);
  if (json) print(JSON.stringify({ id, undone: true }));
  else {
    print(`${id} is taken back.`);
    print('What it has not ended yet is sent in its turn. What has ended CANCELLED stays so.');
  }
  return EXIT.ok;
}

async function dryRun(
  cluster: Connection,
  request: Cancel,
  { json }: CancelOptions,
  stop: AbortSignal,
): Promise<number> {
  const counts = await count(cluster, request, await queued(cluster), stop);
  if (stop.aborted) return INTERRUPTED;
  for (const line of json ? [countJson(null, counts)] : countLines(counts)) print(line);
  if (!json) note('A dry run: nothing was called back.');
  return EXIT.ok;
}

/** It holds first and is counted then: while a campaign goes out each second is some messages. */
async function callBack(
  cluster: Connection,
  request: Cancel,
  options: CancelOptions,
  stop: AbortSignal,
): Promise<number> {
  const { match, until } = request;
  const id = randomBytes(ID_BYTES).toString('hex');
  const before = await queued(cluster);
  const cancellation = { match, until, ...wordsOf(options) };
  await tellControl(cluster.kafka, cluster.names.control, [{ kind: 'cancellation', id, cancellation }]);
  const now = Date.now();
  const tell = options.json ? note : print;
  tell(`${id} holds for ${showMatch(match)}, ${showUntil(until ?? now, now)}.`);
  tell('Each ends CANCELLED when its turn comes; what is being called at this moment is not stopped.');
  tell('Follow it:     npm run status -- --follow');
  tell(`Take it back:  npm run cancel -- --undo ${id}`);
  const counts = await countOrSay(cluster, request, before, stop);
  if (stop.aborted) {
    note('interrupted while counting: the cancellation holds');
    return INTERRUPTED;
  }
  if (!counts) return EXIT.ok;
  for (const line of options.json ? [countJson(id, counts)] : countLines(counts)) print(line);
  return EXIT.ok;
}

async function countOrSay(
  cluster: Connection,
  request: Cancel,
  backlog: readonly Backlog[],
  stop: AbortSignal,
): Promise<readonly LaneCount[] | null> {
  try {
    return await count(cluster, request, backlog, stop);
  } catch (error) {
    note(`what it calls back could not be counted, but it holds: ${errorText(error)}`);
    return null;
  }
}

/** What waits in the lanes at this moment. */
function queued({ kafka, names, senderGroup }: Connection): Promise<readonly Backlog[]> {
  return withAdmin(kafka, (admin) => backlogs(admin, senderGroup, names.lanes));
}

function count(
  { kafka, registry }: Connection,
  { match, until }: Cancel,
  all: readonly Backlog[],
  stop: AbortSignal,
): Promise<readonly LaneCount[]> {
  const decoder = createDecoder(registry, 'SendRequest');
  // All that is counted was there before: without a time it is meant, whatever the clocks say.
  const matches = (message: Cancellable) => isCalledBack(match, until ?? Number.POSITIVE_INFINITY, message);
  const wanted = all.filter(({ topic }) => match.lane === undefined || laneOf(topic) === match.lane);
  return Promise.all(wanted.map((one) => countInLane({ kafka, decoder, matches, stop }, one)));
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

await runCommand(command, () => (stop) => cancel(command.opts<CancelOptions>(), stop));

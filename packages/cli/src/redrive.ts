import { KafkaWriteError } from '@whatsapp-stream/kafka';
import { EXIT } from '@whatsapp-stream/service-kit';
import { CommandError, INTERRUPTED, runCommand } from './command.ts';
import { connection, reach } from './connection.ts';
import { requireTopics } from './control-topic.ts';
import {
  type RedriveOptions,
  type RedriveRequest,
  redriveCommand,
  redriveRequest,
} from './redrive/options.ts';
import { createProgress } from './redrive/progress.ts';
import { run } from './redrive/run.ts';
import { createTally, summaryJson, summaryLines } from './redrive/tally.ts';

const command = redriveCommand();

async function redrive(options: RedriveOptions, stop: AbortSignal): Promise<number> {
  const cluster = connection({ program: 'redrive', note });
  const { kafka, names } = cluster;
  const request = redriveRequest(options, names.lanes);
  if ('faults' in request) {
    const faults = request.faults.map((fault) => `\n  - ${fault}`).join('');
    throw new CommandError(`nothing was done:${faults}`, EXIT.usage);
  }
  await reach(cluster);
  await requireTopics(kafka, [...names.lanes, names.status, names.deadLetter]);
  if (mayDouble(request)) note(DOUBTFUL);
  const tally = createTally();
  const progress = createProgress(process.stderr, () => performance.now());
  const clearly = (line: string) => {
    progress.clear();
    note(line);
  };
  let isDone = false;
  try {
    await run({ cluster, request, tally, progress, note: clearly, stop, now: Date.now });
    isDone = !stop.aborted;
  } catch (error) {
    if (error instanceof KafkaWriteError)
      throw new CommandError(`${error.message}\n${REPEAT}`, EXIT.unavailable);
    throw error;
  } finally {
    progress.clear();
    const { dryRun, limit } = request;
    const ending = { dryRun, interrupted: !isDone, limited: tally.count() >= limit };
    const lines = options.json ? [summaryJson(tally.counts(), ending)] : summaryLines(tally.counts(), ending);
    for (const line of lines) process.stdout.write(`${line}\n`);
  }
  return conclude(request, tally.count(), stop);
}

const DOUBTFUL =
  'Attention: of messages that ended IN_DOUBT nobody knows whether they were taken. Who got one may get it twice.';
const REPEAT = 'Run it again: what was written is recognised, and the rest is redriven.';

function mayDouble(request: RedriveRequest): boolean {
  return request.kind === 'ended' && request.statuses.has('IN_DOUBT');
}

function conclude({ dryRun, limit }: RedriveRequest, count: number, stop: AbortSignal): number {
  if (stop.aborted) {
    note(`interrupted. ${REPEAT}`);
    return INTERRUPTED;
  }
  if (dryRun) note('A dry run: nothing was published.');
  else if (count > 0) note('Follow them:  npm run status -- --follow');
  if (count >= limit) note('That is as many as --limit lets through: there may be more.');
  return EXIT.ok;
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

await runCommand(command, () => (stop) => redrive(command.opts<RedriveOptions>(), stop));

import { createPublisher, readStatus } from '@whatsapp-stream/client';
import { EXIT } from '@whatsapp-stream/service-kit';
import { type Stack, StackError, startStack } from '@whatsapp-stream/stack';
import { Command } from 'commander';
import { type Colours, coloursFor } from './colours.ts';
import { aborted, CommandError, runCommand } from './command.ts';
import { connection } from './connection.ts';
import { createBoard } from './demo/board.ts';
import { demoMessages } from './demo/messages.ts';
import { type DemoSystem, startDemoSystem } from './demo/system.ts';
import { removeDemoFile, writeDemoFile } from './demo-file.ts';
import { setUp } from './set-up.ts';

const PROGRAM = 'start';

const command = new Command(PROGRAM).description(
  'Starts Kafka, a schema registry, a simulated Verihubs, callback-ingest and the sender on this machine, publishes a few messages and shows their journeys.',
);
command.addHelpText(
  'after',
  `
KAFKA_STACK=docker or java chooses where Kafka comes from; KAFKA_BROKERS and SCHEMA_REGISTRY_URL name a cluster of yours.
Example:
  npm start`,
);

const say = (line: string): boolean => process.stderr.write(`${line}\n`);

async function demonstrate(stop: AbortSignal): Promise<number> {
  const startedAt = Date.now();
  stop.addEventListener('abort', () =>
    say('\nStopping: the sender first, so that what it has under way is recorded …'),
  );
  const colours = coloursFor(process.stdout);
  await using cleanup = new AsyncDisposableStack();
  const stack = await startOrStop(stop, cleanup);
  if (!stack) return EXIT.ok;
  const { kafka, registry, names } = connection({
    program: PROGRAM,
    env: { ...process.env, KAFKA_BROKERS: stack.brokers, SCHEMA_REGISTRY_URL: stack.registryUrl },
  });
  await setUp({ kafka, registry, names, replicationFactor: 1 });
  say('Topics and schemas are there');
  const system = await startDemoSystem(stack, say);
  cleanup.defer(() => system.stop());
  if (stop.aborted) return EXIT.ok;

  const board = createBoard(process.stdout, colours);
  const reading = await readStatus({
    kafka,
    registry,
    topic: names.status,
    from: 'end',
    onEvent: board.show,
  });
  cleanup.defer(() => reading.close());
  writeDemoFile({ pid: process.pid, brokers: stack.brokers, registryUrl: stack.registryUrl, startedAt });
  cleanup.defer(() => removeDemoFile(process.pid));
  process.stdout.write(`\n${introduction(colours, stack, system, (Date.now() - startedAt) / 1_000)}\n\n`);

  // Its clock is a minute behind: so one of its messages can have expired when it is published.
  const now = () => Date.now() - 60_000;
  const publisher = await createPublisher({ kafka, registry, topics: names, source: 'demo', now });
  cleanup.defer(() => publisher.close());
  await publisher.sendMany(demoMessages(startedAt.toString(36).slice(-4), Date.now()));
  await Promise.race([aborted(stop), system.failed, reading.failed]);
  return EXIT.ok;
}

/** @returns null when Ctrl-C came first */
async function startOrStop(stop: AbortSignal, cleanup: AsyncDisposableStack): Promise<Stack | null> {
  try {
    const starting = startStack({ report: say });
    cleanup.defer(async () => (await starting.catch(() => null))?.stop());
    return await Promise.race([starting, aborted(stop).then(() => null)]);
  } catch (error) {
    throw error instanceof StackError ? new CommandError(error.message, EXIT.unavailable) : error;
  }
}

function introduction(
  { bold, dim }: Colours,
  { brokers, registryUrl }: Stack,
  { simulatorUrl, metricsUrl, folder }: DemoSystem,
  seconds: number,
): string {
  return [
    bold(
      `Everything runs (after ${seconds.toFixed(1)} s). Eight messages go out over three lanes; one has expired, one is refused.`,
    ),
    `  Send one more, from another terminal:  ${bold('npm run send -- --lane otp --msisdn 628001 --template otp_login --body 123456')}`,
    `  Follow the stream there:               ${bold('npm run status -- --follow')}`,
    `  For programs of your own:              ${bold(`export KAFKA_BROKERS=${brokers} SCHEMA_REGISTRY_URL=${registryUrl}`)}`,
    dim(`  Simulator ${simulatorUrl}/_simulator/stats   Metrics ${metricsUrl}   Logs ${folder}`),
    '  Ctrl-C stops everything; nothing is kept.',
  ].join('\n');
}

await runCommand(command, () => demonstrate);

import { withAdmin } from '@whatsapp-stream/kafka';
import { EXIT, systemClock, waitFor } from '@whatsapp-stream/service-kit';
import { Command, InvalidArgumentError } from 'commander';
import { coloursFor } from './colours.ts';
import { CommandError, runCommand } from './command.ts';
import { type Connection, connection } from './connection.ts';
import { setUp } from './set-up.ts';
import { table } from './set-up-table.ts';

const DIFFERS = 1;

const WHAT_TO_DO = `
Nothing of it was changed: each of these changes is for a person to decide. In Kafka's folder:
  partitions          bin/kafka-topics.sh  --bootstrap-server … --alter --topic T --partitions N
  settings            bin/kafka-configs.sh --bootstrap-server … --alter --entity-type topics --entity-name T --add-config name=value
  replication factor  bin/kafka-reassign-partitions.sh
  compatibility       curl -X PUT -H 'content-type: application/json' -d '{"compatibility":"FULL_TRANSITIVE"}' REGISTRY/config/SUBJECT
or set KAFKA_REPLICATION_FACTOR to what is meant. Then run it again.`;

const command = new Command('npm run setup --')
  .description(
    'Creates the topics and registers the schemas that are missing; what is there is left as it is.',
  )
  .option('--wait <seconds>', 'how long to wait for Kafka and the registry', secondsOption, 60)
  .addHelpText(
    'after',
    `
It can be run again and again. Exit codes: 0 all is right, 1 something differs, 69 no answer, 78 wrong environment.

Example:
  KAFKA_BROKERS=kafka:9092 SCHEMA_REGISTRY_URL=http://registry:8081 KAFKA_REPLICATION_FACTOR=3 npm run setup`,
  );

function secondsOption(text: string): number {
  const seconds = Number(text);
  if (!/^\d+$/.test(text) || seconds > 86_400) throw new InvalidArgumentError('It must be whole seconds.');
  return seconds;
}

/** Enough brokers, too: a cluster that starts may have one before it has three. */
async function answers({ kafka, replicationFactor }: Connection): Promise<void> {
  await kafka.ping();
  const brokers = await withAdmin(kafka, (admin) => admin.brokerCount());
  if (brokers >= replicationFactor) return;
  throw new Error(
    `${brokers} of the ${replicationFactor} brokers are there that KAFKA_REPLICATION_FACTOR asks for`,
  );
}

/** @throws CommandError (69) that names what did not answer in time */
async function waitForBoth(cluster: Connection, seconds: number, stop: AbortSignal): Promise<void> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), seconds * 1_000);
  const signal = AbortSignal.any([stop, deadline.signal]);
  const dependencies = [
    { what: cluster.shownKafka, attempt: () => answers(cluster) },
    { what: cluster.shownRegistry, attempt: () => cluster.registry.ping() },
  ];
  const answered = await Promise.all(
    dependencies.map((dependency) => waitFor({ ...dependency, clock: systemClock, signal, report: note })),
  );
  clearTimeout(timer);
  const silent = dependencies.filter((_, i) => answered[i] !== true).map(({ what }) => what);
  if (silent.length === 0) return;
  throw new CommandError(
    `gave up after ${seconds} s: no answer from ${silent.join(' and from ')}. Nothing was set up.`,
    EXIT.unavailable,
  );
}

async function setup(waitSeconds: number, stop: AbortSignal): Promise<number> {
  const cluster = connection({ program: 'setup', note });
  await waitForBoth(cluster, waitSeconds, stop);
  const report = await setUp(cluster);
  for (const line of table(report, coloursFor(process.stdout))) process.stdout.write(`${line}\n`);
  if (report.right) return EXIT.ok;
  process.stderr.write(`${WHAT_TO_DO}\n`);
  return DIFFERS;
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

await runCommand(command, () => (stop) => setup(command.opts<{ wait: number }>().wait, stop));

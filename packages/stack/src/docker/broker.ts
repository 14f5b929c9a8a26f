import { setTimeout as sleep } from 'node:timers/promises';
import { type StartedTestContainer, Wait } from 'testcontainers';
import { brokerServes } from '../broker-probe.ts';
import { asContainerEnvironment, COMMON_SETTINGS, newClusterId } from '../broker-settings.ts';
import { freePorts, saysPortTaken } from '../free-ports.ts';
import { StackError } from '../stack.ts';
import { KAFKA_VERSION } from '../versions.ts';
import { type ContainerPlan, startContainer } from './container.ts';
import { keptFolder, type Surroundings } from './surroundings.ts';

export const KAFKA_IMAGE = `apache/kafka:${KAFKA_VERSION}`;

const PORT = 9092;
const PORT_TRIES = 5;
const SERVES_WITHIN_MS = 30_000;
const POLL_MS = 50;
/** Data that is kept belongs to one cluster for ever; the id says `whatsapp-stream` in base64. */
const KEPT_CLUSTER_ID = 'd2hhdHNhcHAtc3RyZWFtLQ';

/**
 * The broker advertises a port of the host, so it must be known before the container starts; to itself it
 * speaks by a listener of its own. With any KAFKA_ variable set, the image drops all of its defaults.
 */
async function plan(hostPort: number, clusterId: string, around: Surroundings): Promise<ContainerPlan> {
  const data = '/var/lib/kafka/data';
  const settings = {
    ...COMMON_SETTINGS,
    listeners: `PLAINTEXT://0.0.0.0:${PORT},INTERNAL://localhost:19092,CONTROLLER://localhost:9093`,
    'advertised.listeners': `PLAINTEXT://${around.host}:${hostPort},INTERNAL://localhost:19092`,
    'inter.broker.listener.name': 'INTERNAL',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.quorum.voters': '1@localhost:9093',
    'log.dirs': data,
  };
  return {
    image: KAFKA_IMAGE,
    role: 'kafka',
    environment: {
      ...asContainerEnvironment(settings),
      CLUSTER_ID: clusterId,
      KAFKA_HEAP_OPTS: '-Xms64m -Xmx512m',
    },
    containerPort: PORT,
    hostPort,
    mount: await keptFolder('kafka', data, around),
    loopbackOnly: around.loopbackOnly,
    wait: Wait.forLogMessage(/Kafka Server started/),
  };
}

async function serves(host: string, port: number, clusterId: string): Promise<boolean> {
  const deadline = performance.now() + SERVES_WITHIN_MS;
  while (performance.now() < deadline) {
    if (await brokerServes({ host, port }, clusterId)) return true;
    await sleep(POLL_MS);
  }
  return false;
}

export interface Broker {
  readonly address: string;
  readonly container: StartedTestContainer;
}

/**
 * Starts the broker's container and resolves when it answers a Metadata request from here. A port that is
 * lost to another process is replaced.
 * @throws StackError with the last lines of its log
 */
export async function startBroker(around: Surroundings): Promise<Broker> {
  const clusterId = around.dataDir === undefined ? newClusterId() : KEPT_CLUSTER_ID;
  for (let attempt = 1; ; attempt++) {
    const [port = 0] = await freePorts(1);
    const address = `${around.host}:${port}`;
    const start = await startContainer(await plan(port, clusterId, around), around.reaper);
    if (start.outcome === 'started') {
      if (await serves(around.host, port, clusterId)) return { address, container: start.container };
      throw new StackError(`Kafka's container started, but does not answer at ${address}`);
    }
    if (attempt < PORT_TRIES && saysPortTaken(start.reason)) continue;
    throw new StackError(`Kafka's container failed: ${start.reason}\n${start.log}`);
  }
}

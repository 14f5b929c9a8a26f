import { findEngine } from './docker/engine.ts';
import { startDockerStack } from './docker/start.ts';
import { startJavaStack } from './java/start.ts';
import { findJavaTools } from './java/tools.ts';
import { type Stack, StackError, type StackOptions, type StartContext } from './stack.ts';

const INSTALL =
  'Install Docker, or Java 17 or newer and Maven; or set KAFKA_BROKERS and SCHEMA_REGISTRY_URL.';

/** An empty variable counts as none. */
const setting = (env: NodeJS.ProcessEnv, name: string): string | undefined => env[name]?.trim() || undefined;

function givenStack(env: NodeJS.ProcessEnv): Stack | undefined {
  const brokers = setting(env, 'KAFKA_BROKERS');
  if (brokers === undefined) return undefined;
  const registryUrl = setting(env, 'SCHEMA_REGISTRY_URL');
  if (registryUrl === undefined) {
    throw new StackError('KAFKA_BROKERS is set, so SCHEMA_REGISTRY_URL must be set too.');
  }
  return { kind: 'given', brokers, registryUrl: registryUrl.replace(/\/+$/, ''), stop: async () => {} };
}

function forcedWay(env: NodeJS.ProcessEnv): 'docker' | 'java' | undefined {
  const way = setting(env, 'KAFKA_STACK');
  if (way === undefined || way === 'docker' || way === 'java') return way;
  throw new StackError(`KAFKA_STACK is "${way}"; it can be "docker" or "java".`);
}

type Attempt =
  | { readonly outcome: 'started'; readonly stack: Stack }
  | { readonly outcome: 'not-here'; readonly reason: string };

async function tryDocker(context: StartContext): Promise<Attempt> {
  const found = await findEngine();
  if (found.outcome === 'missing') return { outcome: 'not-here', reason: found.reason };
  const start = await startDockerStack(found.engine, context);
  return start.outcome === 'started' ? start : { outcome: 'not-here', reason: start.reason };
}

async function tryJava(context: StartContext): Promise<Attempt> {
  const found = await findJavaTools(context.env);
  if (found.outcome === 'missing') return { outcome: 'not-here', reason: found.reason };
  return { outcome: 'started', stack: await startJavaStack(found.tools, context) };
}

/**
 * Says where Kafka and the schema registry come from, and starts them if need be. In this order: the cluster
 * that KAFKA_BROKERS names; containers, if a Docker engine answers and has the images or can pull them; local
 * processes of Java. KAFKA_STACK=docker or java allows only that way of starting them.
 *
 * What was started ends with `stop()`, and also when this process ends in whatever way. It does not keep
 * this process alive.
 * @throws StackError when there is no way, with what to install; or when a server does not start
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { report = () => {}, dataDir, env = process.env } = options;
  const context: StartContext = { report, dataDir, env };
  const forced = forcedWay(env);
  const given = givenStack(env);
  if (given !== undefined) return given;

  const reasons: string[] = [];
  for (const [way, attempt] of [
    ['docker', tryDocker],
    ['java', tryJava],
  ] as const) {
    if (forced !== undefined && forced !== way) continue;
    const result = await attempt(context);
    if (result.outcome === 'started') return result.stack;
    reasons.push(`${way}: ${result.reason}`);
    if (forced === undefined && way === 'docker') report(`Not by Docker (${result.reason}); trying Java`);
  }
  const forcedBy = forced === undefined ? '' : ` by KAFKA_STACK=${forced}`;
  throw new StackError(`Kafka cannot be started${forcedBy} (${reasons.join('; ')}). ${INSTALL}`);
}

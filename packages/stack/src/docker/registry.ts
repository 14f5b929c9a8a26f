import { type StartedTestContainer, Wait } from 'testcontainers';
import { StackError } from '../stack.ts';
import { REGISTRY_API_PATH, REGISTRY_VERSION } from '../versions.ts';
import { startContainer } from './container.ts';
import { keptFolder, type Surroundings } from './surroundings.ts';

export const REGISTRY_IMAGE = `apicurio/apicurio-registry:${REGISTRY_VERSION}`;

const PORT = 8080;
const KEEP_SCHEMAS = { APICURIO_DATASOURCE_URL: 'jdbc:h2:file:/data/schemas' };

export interface Registry {
  readonly url: string;
  readonly container: StartedTestContainer;
}

/**
 * Starts the registry's container and resolves when its Confluent API answers.
 * @throws StackError with the last lines of its log
 */
export async function startRegistry(around: Surroundings): Promise<Registry> {
  const jvm = { JAVA_OPTS_APPEND: '-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1' };
  const start = await startContainer(
    {
      image: REGISTRY_IMAGE,
      role: 'registry',
      environment: around.dataDir === undefined ? jvm : { ...jvm, ...KEEP_SCHEMAS },
      containerPort: PORT,
      hostPort: 0,
      mount: await keptFolder('registry', '/data', around),
      loopbackOnly: around.loopbackOnly,
      wait: Wait.forHttp(`${REGISTRY_API_PATH}/subjects`, PORT),
    },
    around.reaper,
  );
  if (start.outcome === 'failed') {
    throw new StackError(`The registry's container failed: ${start.reason}\n${start.log}`);
  }
  const { container } = start;
  return { url: `http://${around.host}:${container.getMappedPort(PORT)}${REGISTRY_API_PATH}`, container };
}

import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { GenericContainer, type StartedTestContainer, type WaitStrategy } from 'testcontainers';
import type { Reaper } from '../reaper/reaper.ts';

const START_WITHIN_MS = 120_000;
const QUOTED_LINES = 15;

export interface ContainerPlan {
  readonly image: string;
  /** Part of the container's name. */
  readonly role: string;
  readonly environment: Record<string, string>;
  readonly containerPort: number;
  /** 0 lets the engine choose. */
  readonly hostPort: number;
  /** A folder of this machine that becomes one of the container; the container then runs as this user. */
  readonly mount: { readonly source: string; readonly target: string } | undefined;
  readonly loopbackOnly: boolean;
  readonly wait: WaitStrategy;
}

export type ContainerStart =
  | { readonly outcome: 'started'; readonly container: StartedTestContainer }
  /** `reason` and the last lines of its log. */
  | { readonly outcome: 'failed'; readonly reason: string; readonly log: string };

/** testcontainers binds ports to all addresses and has no setting for that; its hook for subclasses has. */
class LoopbackContainer extends GenericContainer {
  protected override async beforeContainerCreated(): Promise<void> {
    for (const bindings of Object.values<object[]>(this.hostConfig.PortBindings ?? {})) {
      for (const binding of bindings) Object.assign(binding, { HostIp: '127.0.0.1' });
    }
  }
}

function describe(plan: ContainerPlan, name: string): GenericContainer {
  const base = plan.loopbackOnly ? new LoopbackContainer(plan.image) : new GenericContainer(plan.image);
  const container = base
    .withName(name)
    .withEnvironment(plan.environment)
    .withExposedPorts({ container: plan.containerPort, host: plan.hostPort })
    .withWaitStrategy(plan.wait)
    .withStartupTimeout(START_WITHIN_MS)
    // The stack's own reaper does what testcontainers' would, without one more image to pull.
    .withAutoCleanup(false);
  if (plan.mount === undefined) return container;
  // The images' own folders belong to group 0, as is usual for containers that may run as anybody.
  return container.withBindMounts([plan.mount]).withUser(`${process.getuid?.() ?? 0}:0`);
}

/** Keeps the last lines of a log, for the message when a start fails. */
function createTail(): { follow(stream: Readable): void; stop(): void; text(): string } {
  const lines: string[] = [];
  let followed: Readable | undefined;
  return {
    follow: (stream) => {
      followed = stream;
      stream.on('data', (chunk) => {
        lines.push(
          ...String(chunk)
            .split('\n')
            .filter((line) => line.trim() !== ''),
        );
        lines.splice(0, Math.max(0, lines.length - QUOTED_LINES));
      });
      stream.on('error', () => {});
    },
    stop: () => followed?.destroy(),
    text: () => lines.map((line) => `  ${line}`).join('\n'),
  };
}

/** Starts a container under a name of its own, which the reaper knows before there is a container. */
export async function startContainer(plan: ContainerPlan, reaper: Reaper): Promise<ContainerStart> {
  const id = `whatsapp-stream-${plan.role}-${randomUUID()}`;
  reaper.watch({ kind: 'container', id });
  const tail = createTail();
  try {
    const container = await describe(plan, id).withLogConsumer(tail.follow).start();
    return { outcome: 'started', container };
  } catch (error) {
    return {
      outcome: 'failed',
      reason: error instanceof Error ? error.message : String(error),
      log: tail.text(),
    };
  } finally {
    tail.stop();
  }
}

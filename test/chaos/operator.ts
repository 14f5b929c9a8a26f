import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT } from '@whatsapp-stream/service-kit';
import { runCommand } from '../support/commands.ts';

/** Somebody who uses the project's commands, again and again until Kafka lets them. */
export interface Operator {
  /** Pauses a lane, or all of them, and resumes it after this time. */
  pause(lane: string, forMs: number): Promise<void>;
  /** Calls back what is queued in a lane with this template. */
  cancel(lane: string, template: string): Promise<void>;
  /** Sends once more what has ended in one of these ways. */
  redrive(statuses: readonly string[]): Promise<void>;
}

const AGAIN_AFTER_MS = 500;
/** Kafka and the registry are away for less. */
const DONE_WITHIN_MS = 90_000;

/** @param env of the services, with Kafka's and the registry's own addresses */
export function createOperator(env: Readonly<Record<string, string>>): Operator {
  /** @throws when it fails in another way than that Kafka or the registry is away, or is not done in time */
  async function run(command: string, ...args: readonly string[]): Promise<void> {
    const deadline = performance.now() + DONE_WITHIN_MS;
    for (;;) {
      const { code, stderr } = await runCommand(command, args, { ...process.env, ...env });
      if (code === EXIT.ok) return;
      if (code !== EXIT.unavailable || performance.now() > deadline)
        throw new Error(`npm run ${command} -- ${args.join(' ')} ended with ${code}: ${stderr.trim()}`);
      await sleep(AGAIN_AFTER_MS);
    }
  }

  return {
    async pause(lane, forMs) {
      await run('lanes', 'pause', lane);
      await sleep(forMs);
      await run('lanes', 'resume', lane);
    },
    cancel: (lane, template) => run('cancel', '--lane', lane, '--template', template),
    redrive: (statuses) => run('redrive', '--from', '1h', '--status', statuses.join(',')),
  };
}

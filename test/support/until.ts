import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

const WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 50;

/** Asks again and again until it is so; fails with `what` when it is not within half a minute. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + WITHIN_MS;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, `not within ${WITHIN_MS} ms: ${what}`);
    await pause(LOOK_EVERY_MS);
  }
}

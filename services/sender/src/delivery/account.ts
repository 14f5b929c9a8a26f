import type { Clock } from '@whatsapp-stream/service-kit';
import type { Circuit } from '../pacing/circuit.ts';
import type { Gates } from '../pacing/gates.ts';
import type { Outcome } from './classify.ts';

export interface AccountObserver {
  circuitOpened(reason: string, holdMs: number): void;
  circuitClosed(): void;
}

/** As many 5xx in a row are no accident of single messages. */
const MAX_SERVER_ERRORS = 5;

/**
 * Draws from each outcome what it says of the account and the way to Verihubs, and opens or closes the circuit.
 * While it is open only the probe is listened to.
 * @returns a function that gives how long nothing will be sent, in whole ms
 */
export function createAccountWatch(
  circuit: Circuit,
  gates: Pick<Gates, 'changed'>,
  clock: Clock,
  observe: AccountObserver,
): (outcome: Outcome, probe: boolean) => number {
  let serverErrors = 0;

  function trouble(reason: string, probe: boolean): number {
    const wasOpen = circuit.open;
    const holdMs = circuit.trouble(clock.monotonic(), reason, probe);
    gates.changed();
    if (!wasOpen) observe.circuitOpened(reason, holdMs);
    return holdMs;
  }

  return (outcome, probe) => {
    if (outcome.kind === 'doubt' && (outcome.httpStatus ?? 0) >= 500) serverErrors += 1;
    else if (outcome.kind !== 'not-made') serverErrors = 0;
    switch (outcome.kind) {
      case 'trouble':
        return trouble(outcome.reason, probe);
      case 'doubt':
        if (probe || serverErrors >= MAX_SERVER_ERRORS) trouble(`${outcome.reason}, again and again`, probe);
        return 0;
      case 'not-made':
        circuit.inconclusive(probe);
        return 0;
      case 'accepted':
      case 'refused':
      case 'retry':
        if (circuit.fine(probe)) {
          observe.circuitClosed();
          gates.changed();
        }
        return 0;
    }
  };
}

import type { Clock } from '@whatsapp-stream/service-kit';
import type { Circuit } from '../pacing/circuit.ts';
import type { Gates } from '../pacing/gates.ts';
import type { Outcome } from './classify.ts';

export interface AccountObserver {
  circuitOpened(reason: string, holdMs: number): void;
  circuitClosed(): void;
}

/**
 * Draws from each outcome what it says of the account and the way to Verihubs, and opens or closes the circuit.
 * @returns a function that gives how long nothing will be sent, in ms
 */
export function createAccountWatch(
  circuit: Circuit,
  gates: Pick<Gates, 'circuitChanged'>,
  clock: Clock,
  observe: AccountObserver,
): (outcome: Outcome) => number {
  return (outcome) => {
    switch (outcome.kind) {
      case 'trouble': {
        const wasOpen = circuit.open;
        const holdMs = circuit.trouble(clock.monotonic(), outcome.reason);
        gates.circuitChanged();
        if (!wasOpen) observe.circuitOpened(outcome.reason, holdMs);
        return holdMs;
      }
      case 'doubt':
      case 'not-made':
        circuit.inconclusive();
        return 0;
      case 'accepted':
      case 'refused':
      case 'retry':
        if (circuit.fine()) {
          observe.circuitClosed();
          gates.circuitChanged();
        }
        return 0;
    }
  };
}

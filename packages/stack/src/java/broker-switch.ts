import type { ServerProcess } from '../server-process.ts';
import type { BrokerSwitch } from '../stack.ts';
import type { Broker } from './broker.ts';

/** @param watch is given each process of the broker, and whether its end was asked for here */
export function createBrokerSwitch(
  broker: Broker,
  watch: (process: ServerProcess, wasKilled: () => boolean) => void,
): BrokerSwitch {
  function take(process: ServerProcess) {
    const taken = { process, killed: false };
    watch(process, () => taken.killed);
    return taken;
  }

  let current = take(broker.process);
  return {
    async kill() {
      current.killed = true;
      current.process.kill();
      await current.process.ended;
    },
    async start() {
      if (current.process.hasEnded()) current = take(await broker.startAgain());
    },
  };
}

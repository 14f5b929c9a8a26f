import type { RequestEvent, SimulatorEvent } from '@whatsapp-stream/verihubs-simulator';
import type { RemoteVerihubs } from './processes.ts';

/** The requests that the simulator has seen, in the order of their arrival. */
export async function requestsOf(verihubs: Pick<RemoteVerihubs, 'url'>): Promise<readonly RequestEvent[]> {
  const text = await (await fetch(`${verihubs.url}/_simulator/events`)).text();
  return text
    .trimEnd()
    .split('\n')
    .map((line): SimulatorEvent => JSON.parse(line))
    .filter((event) => event.type === 'request')
    .sort((a, b) => a.seq - b.seq);
}

/**
 * The reaper's program: reads orders from standard input until it ends, which happens when the parent is
 * gone in whatever way, `kill -9` included; then ends what is still on its list. Signals that a terminal
 * sends to everybody do not end it.
 */
import { createInterface } from 'node:readline';
import { reap } from './reap.ts';
import { formatOrder, parseOrder, type Target } from './targets.ts';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const targets = new Map<string, Target>();
for await (const line of createInterface({ input: process.stdin })) {
  const order = parseOrder(line);
  if (order === undefined) continue;
  const key = formatOrder({ forget: false, target: order.target });
  if (order.forget) targets.delete(key);
  else targets.set(key, order.target);
}
await reap(targets.values());

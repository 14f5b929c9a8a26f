import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import type { Answer, Request, Said } from './messages.ts';
import { createStore, type Store } from './store.ts';

/** The thread in which the spool's disk may take its time: one request after the other, recovery in between. */
function serve(port: MessagePort): void {
  const { dir, maxBytes } = z.object({ dir: z.string(), maxBytes: z.number() }).parse(workerData);
  const say = (said: Said) => port.postMessage(said);
  const store = createStore({
    dir,
    maxBytes,
    now: () => Date.now(),
    tell: (notice) => say({ kind: 'notice', notice }),
  });
  let isRecovering = false;

  function recover(): void {
    if (isRecovering || !store.isRecoveryDue()) return;
    isRecovering = true;
    setImmediate(() => {
      isRecovering = false;
      store.recover();
      say({ kind: 'state', state: store.state() });
      recover();
    });
  }

  port.on('message', (request: Request) => {
    const answer = answerTo(store, request);
    say({ kind: 'state', state: store.state() });
    say(answer);
    if (request.kind === 'close') port.close();
    else recover();
  });
}

function answerTo(store: Store, request: Request): Answer {
  const answer: Answer = { kind: 'answer', kept: [], oldest: [] };
  switch (request.kind) {
    case 'probe':
      store.probe();
      return answer;
    case 'keep':
      return { ...answer, kept: store.keep(request.batches) };
    case 'oldest':
      return { ...answer, oldest: store.oldest(request.limit) };
    case 'remove':
      store.remove(request.names);
      return answer;
    case 'close':
      store.close();
      return answer;
  }
}

if (parentPort) serve(parentPort);

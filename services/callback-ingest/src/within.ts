import type { Clock } from '@whatsapp-stream/service-kit';

export type Ended<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'late' };

/**
 * How `work` ends, if it ends within `ms`. Never rejects. Work that is late goes on, and nobody hears of its
 * end here.
 */
export function within<T>(work: Promise<T>, ms: number, clock: Clock): Promise<Ended<T>> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, () => resolve({ kind: 'late' }));
    const end = (ended: Ended<T>) => {
      cancel();
      resolve(ended);
    };
    work.then(
      (value) => end({ kind: 'done', value }),
      (error: unknown) => end({ kind: 'failed', error }),
    );
  });
}

import { faultsOf, type SendRequest } from '@whatsapp-stream/schemas';
import type { Standing } from '../ledger/standing.ts';
import { isExpired } from '../message.ts';
import { type Progress, progressOf, retryWaitMs } from './progress.ts';

/** What is to be done with a request that has come in. */
export type Admission =
  /** To be sent, and not before `waitMs` have passed. */
  | { readonly kind: 'deliver'; readonly progress: Progress; readonly waitMs: number }
  /** An attempt was written whose outcome nobody knows. */
  | { readonly kind: 'doubt'; readonly progress: Progress; readonly attemptId: string }
  /** An attempt was taken; it only remains to say so. */
  | { readonly kind: 'taken'; readonly attempt: number; readonly attemptId: string }
  /** Settled before: a repeated `message_id`, or a record that came again. */
  | { readonly kind: 'known' }
  | { readonly kind: 'refuse'; readonly reason: string }
  | { readonly kind: 'expire'; readonly attempts: number }
  /** It was written by a newer schema, and what it asks for is in a field that we do not know. */
  | { readonly kind: 'newer' };

export interface AdmissionInput {
  readonly request: SendRequest;
  /** The writer's schema has fields that ours lacks. */
  readonly unknownFields: boolean;
  readonly standing: Standing;
  readonly now: number;
}

export function admit({ request, unknownFields, standing, now }: AdmissionInput): Admission {
  switch (standing.kind) {
    case 'settled':
      return { kind: 'known' };
    case 'taken':
      return standing;
    case 'doubt':
      return { kind: 'doubt', progress: progressOf(standing), attemptId: standing.attemptId };
    case 'fresh':
    case 'retrying':
      break;
  }
  if (request.template === null && unknownFields) return { kind: 'newer' };
  const faults = faultsOf(request);
  if (faults.length > 0) return { kind: 'refuse', reason: faults.join('; ') };
  const progress = progressOf(standing);
  if (isExpired(request, now)) return { kind: 'expire', attempts: progress.attempts };
  return { kind: 'deliver', progress, waitMs: retryWaitMs(standing, now) };
}

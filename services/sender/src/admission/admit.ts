import { faultsOf, type SendRequest } from '@whatsapp-stream/schemas';
import type { Standing } from '../ledger/standing.ts';
import { isExpired } from '../message.ts';

/** What is to be done with a request that has come in. */
export type Admission =
  /** To be sent; `attempts` were made before, and it is not to be tried again before `notBefore`. */
  | { readonly kind: 'deliver'; readonly attempts: number; readonly notBefore: number }
  /** An attempt was written whose outcome nobody knows. */
  | { readonly kind: 'doubt'; readonly attempts: number; readonly attemptId: string }
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
    case 'doubt':
      return standing;
    case 'fresh':
    case 'retrying':
      break;
  }
  if (request.template === null && unknownFields) return { kind: 'newer' };
  const faults = faultsOf(request);
  if (faults.length > 0) return { kind: 'refuse', reason: faults.join('; ') };
  const attempts = standing.kind === 'retrying' ? standing.attempts : 0;
  if (isExpired(request, now)) return { kind: 'expire', attempts };
  return { kind: 'deliver', attempts, notBefore: standing.kind === 'retrying' ? standing.retryAt : 0 };
}

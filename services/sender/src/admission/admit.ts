import { faultsOf, type Redrive, type SendRequest } from '@whatsapp-stream/schemas';
import type { Standing } from '../ledger/standing.ts';
import { isExpired } from '../message.ts';
import { firstWaitMs, type Progress, progressOf } from './progress.ts';

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
  | { readonly kind: 'refuse'; readonly attempts: number; readonly reason: string }
  /** An operator has called it back. */
  | { readonly kind: 'cancel'; readonly attempts: number; readonly reason: string }
  | { readonly kind: 'expire'; readonly attempts: number }
  /** It was written by a newer schema, and what it asks for is in a field that we do not know. */
  | { readonly kind: 'newer' };

export interface AdmissionInput {
  readonly request: SendRequest;
  /** The writer's schema has fields that ours lacks. */
  readonly unknownFields: boolean;
  readonly standing: Standing;
  /** What a redrive brings along; null for a message that comes for the first time. */
  readonly redrive: Redrive | null;
  /** Whether the message may have been taken since its redrive was asked for. */
  readonly mayBeTaken: boolean;
  /** Why an operator has called the message back; null if nobody has. */
  readonly cancelled: string | null;
  /** Why the recipient is not to be called; null if it may. */
  readonly blocked: string | null;
  readonly now: number;
}

export function admit(input: AdmissionInput): Admission {
  const { request, standing, redrive, now } = input;
  switch (standing.kind) {
    case 'settled':
      return { kind: 'known' };
    case 'taken':
      return standing;
    case 'doubt':
      return { kind: 'doubt', progress: progressOf(standing, redrive), attemptId: standing.attemptId };
    case 'fresh':
    case 'retrying':
      break;
  }
  if (redrive && input.mayBeTaken) return { kind: 'known' };
  if (request.template === null && input.unknownFields) return { kind: 'newer' };
  const progress = progressOf(standing, redrive);
  const { attempts } = progress;
  const faults = faultsOf(request);
  if (faults.length > 0) return { kind: 'refuse', attempts, reason: faults.join('; ') };
  if (input.cancelled !== null) return { kind: 'cancel', attempts, reason: input.cancelled };
  if (isExpired(request, now)) return { kind: 'expire', attempts };
  if (input.blocked !== null) return { kind: 'refuse', attempts, reason: input.blocked };
  return { kind: 'deliver', progress, waitMs: firstWaitMs(standing, redrive, now) };
}

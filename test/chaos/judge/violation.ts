/** Each way in which a promise can be broken, with what it means. */
export const VIOLATIONS = {
  LOST: 'published, and neither settled nor put aside',
  UNPUBLISHED: 'settled or called, and never published',
  DOUBLED: 'taken once more, and no resend out of doubt explains it',
  CALLED_IN_DOUBT: 'called while an earlier attempt of a message to be held was in doubt',
  CALLED_AFTER_WORD: 'called long after the log had told that an earlier attempt was taken',
  CALLED_AFTER_SETTLED: 'called after it was settled',
  NOT_WRITTEN_AHEAD: 'called without an attempt in the log, or before it was there',
  CALLED_TWICE: 'one attempt, called more than once',
  UNNAMED: 'taken, and its callback URL names no attempt',
  RESENT_TOO_SOON: 'sent again out of doubt before the grace time was over',
  NOT_ASKED_FOR: 'a redrive that answers no end of its message',
  NO_CAUSE: 'not sent, and nothing shows why',
  CALLBACK_LOST: 'a callback was answered 200 and is not in the log',
  TWO_ACTIVE: 'sent by one process before another could not send any more',
  TOO_FAST: 'more requests in a second than the limit',
  COMMITTED_AHEAD: 'an offset committed before all below it was done',
  SETTLED_TWICE: 'settled again, and no late evidence explains it',
  WRONG_END: 'may have been taken, and ended as if it had not been',
  ACCEPTED_NOT_TAKEN: 'told as accepted, and not taken',
  RETRYING_YET_TAKEN: 'told as surely not taken, and taken',
} as const;

export type ViolationKind = keyof typeof VIOLATIONS;

export interface Violation {
  readonly kind: ViolationKind;
  /** One line for people. */
  readonly text: string;
}

/** A message_id as it can be shown: a faulty one may hold anything, also line ends or a phone number. */
export function shown(messageId: string): string {
  return /^[A-Za-z0-9._:-]{1,128}$/.test(messageId) ? messageId : '(a message_id that is not valid)';
}

/** A time for people. */
export function at(ms: number): string {
  return new Date(ms).toISOString();
}

import {
  RETRY_RULES,
  RETRY_RULES_OF_LANES,
  type RetryCause,
  type RetryRule,
} from '../services/sender/src/pacing/retry.ts';

const ANSWERS: Readonly<Record<RetryCause, string>> = {
  'rate-limited': '429',
  unavailable: '503 with a `Retry-After`',
  rejected: 'callback with status 8, or another of `RETRY_CALLBACKS`',
};

/** Which answers are tried again; those of which the rules are numbers are made from them. */
export function retryTable(): string {
  const ruled = (['rate-limited', 'unavailable', 'rejected'] as const).map(
    (cause) => `| ${ANSWERS[cause]} | yes | ${rulesOf(cause)} | ${endOf(cause)} |`,
  );
  return [
    '| answer | tried again | attempts in all, back-off | then |',
    '| --- | --- | --- | --- |',
    ...ruled,
    '| 401, 403, any other 3xx or 4xx, no connection | yes, when one probe went well | without end | `EXPIRED`, if it has an `expires_at` |',
    '| time-out, reset, 5xx, a 201 that cannot be read | when it is known that it was not taken, or as `on_doubt` says | `DOUBT_GRACE_MS`, three doubtful attempts at most | `IN_DOUBT` |',
    '| 400, 409, callback with status 9, 10 or 11 | no | | `REFUSED`, or what the callback says |',
    '| callback with status 6 or 7 | only if `RETRY_CALLBACKS` names it | as for 8 | what the callback says |',
  ].join('\n');
}

function rulesOf(cause: RetryCause): string {
  const ofLanes = Object.entries(RETRY_RULES_OF_LANES).map(
    ([lane, rules]) => `\`${lane}\`: ${ruleOf(rules[cause])}`,
  );
  return [ruleOf(RETRY_RULES[cause]), ...ofLanes].join('; ');
}

function ruleOf({ maxAttempts, firstMs, maxMs }: RetryRule): string {
  return `${maxAttempts}, after ${firstMs / 1_000} s to ${maxMs / 1_000} s`;
}

function endOf(cause: RetryCause): string {
  return cause === 'rejected' ? '`REJECTED` stays' : '`GAVE_UP`';
}

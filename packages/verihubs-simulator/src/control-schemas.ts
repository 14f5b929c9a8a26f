/** JSON Schemas of what can be put through the control endpoint; their types stand beside what they set. */

const object = (properties: Readonly<Record<string, unknown>>, required: readonly string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});

const ms = { type: 'number', minimum: 0 };
const count = { type: 'integer', minimum: 0 };
const probability = { type: 'number', minimum: 0, maximum: 1 };
const flag = { type: 'boolean' };
const retryAfterAs = { enum: ['seconds', 'date'] };
const codes = { type: 'array', items: count };
const range = object({ minMs: ms, maxMs: ms }, ['minMs', 'maxMs']);

const kind = (
  name: string,
  properties: Readonly<Record<string, unknown>> = {},
  required: readonly string[] = [],
) => object({ kind: { const: name }, ...properties }, ['kind', ...required]);

const fault = {
  type: 'object',
  discriminator: { propertyName: 'kind' },
  required: ['kind'],
  oneOf: [
    kind(
      'status',
      {
        status: { type: 'integer', minimum: 400, maximum: 599 },
        retryAfterSeconds: count,
        retryAfterAs,
        taken: flag,
      },
      ['status'],
    ),
    kind('timeout', { taken: flag }, ['taken']),
    kind('reset', { taken: flag }, ['taken']),
    kind('garbage'),
    kind('no-session-id'),
    kind('slow-headers', { overMs: ms }, ['overMs']),
    kind('latency', { minMs: ms, maxMs: ms }, ['minMs', 'maxMs']),
  ],
};

/** `Partial<FaultSettings>` */
export const faultsSchema = object({
  latency: { ...range, type: ['object', 'null'] },
  arrivalJitter: { ...range, type: ['object', 'null'] },
  rules: {
    type: 'array',
    items: object({ fault, next: count, probability, msisdn: { type: 'string' } }, ['fault']),
  },
});

/** `Partial<CallbackPlan>` */
export const callbacksSchema = object({
  outcomes: {
    type: 'array',
    minItems: 1,
    items: object({ codes, weight: { type: 'number', exclusiveMinimum: 0 } }, ['codes', 'weight']),
  },
  byMsisdn: { type: 'object', additionalProperties: codes },
  delayMs: range,
  order: { enum: ['in-order', 'reversed', 'shuffled'] },
  duplicateProbability: probability,
  lossProbability: probability,
  style: { enum: ['get', 'post-query', 'post-form', 'post-json'] },
  when: { enum: ['after-answer', 'before-answer'] },
  retries: count,
  retryDelayMs: ms,
  timeoutMs: { type: 'number', exclusiveMinimum: 0 },
});

/** `Partial<RateLimit>` */
export const limitSchema = object({
  maxRequestsPerSecond: { type: ['integer', 'null'], minimum: 1 },
  countRefused: flag,
  retryAfterSeconds: { type: ['integer', 'null'], minimum: 0 },
  retryAfterAs,
});

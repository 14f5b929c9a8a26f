/** What Verihubs documents for one of its sandbox numbers. */
export type SandboxNumber =
  | { readonly kind: 'taken'; readonly codes: readonly number[] | null }
  | { readonly kind: 'refused'; readonly status: 400 | 401 | 403 | 409 | 429 };

const sandboxNumbers: ReadonlyMap<string, SandboxNumber> = new Map<string, SandboxNumber>([
  ['628001', { kind: 'taken', codes: [1, 2, 3] }],
  ['6282123060001', { kind: 'taken', codes: null }],
  ['6282123060002', { kind: 'refused', status: 400 }],
  ['6282123060003', { kind: 'refused', status: 401 }],
  ['6282123060004', { kind: 'refused', status: 403 }],
  ['6282123060005', { kind: 'refused', status: 409 }],
  ['6282123060006', { kind: 'refused', status: 429 }],
]);

/** What is documented for a number; null for an ordinary one. `codes` null: called back like an ordinary one. */
export const sandboxNumber = (msisdn: string): SandboxNumber | null => sandboxNumbers.get(msisdn) ?? null;

/** The requests left to chance of callback-ingest's own fuzz test, for about a minute. */
process.env['CALLBACK_FUZZ_RUNS'] ??= '40000';
await import('../../services/callback-ingest/src/http/fuzz.test.ts');

export {};

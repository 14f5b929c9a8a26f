/** The requests left to chance of callback-ingest's own fuzz test, for some 20 s. */
process.env['CALLBACK_FUZZ_RUNS'] ??= '20000';
await import('../../services/callback-ingest/src/http/fuzz.test.ts');

export {};

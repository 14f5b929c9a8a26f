/**
 * Writes the files that are made from others: `npm run generate`. With `--check` it writes nothing, names the
 * files that are stale, and ends with exit code 1 if there are any.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { statusesQuery } from '../packages/analytics/src/query/statuses-table.ts';
import { generateTypes } from '../schemas/src/generate-types.ts';
import { asyncApiText } from './asyncapi/document.ts';
import { betweenMarks } from './between-marks.ts';
import { retryTable } from './retry-table.ts';
import { settingsTable } from './settings-table.ts';

interface Product {
  /** Path from the root of the repository. */
  readonly file: string;
  /** @returns what the file should contain */
  readonly content: () => string;
}

const PRODUCTS: readonly Product[] = [
  {
    file: 'schemas/src/types.generated.ts',
    content: () =>
      generateTypes(['send-request', 'status-event'].map((name) => readSchema(`schemas/avro/${name}.avsc`))),
  },
  { file: 'packages/analytics/sql/statuses.sql', content: statusesQuery },
  { file: 'docs/asyncapi.yaml', content: asyncApiText },
  {
    file: 'README.md',
    content: () =>
      betweenMarks(
        betweenMarks(readFileSync(pathOf('README.md'), 'utf8'), 'settings', settingsTable()),
        'retries',
        retryTable(),
      ),
  },
];

const pathOf = (file: string) => fileURLToPath(new URL(`../${file}`, import.meta.url));

function readSchema(file: string) {
  return JSON.parse(readFileSync(pathOf(file), 'utf8'));
}

function isStale(file: string, content: string): boolean {
  try {
    return readFileSync(pathOf(file), 'utf8') !== content;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return true;
    throw error;
  }
}

const checkOnly = process.argv.includes('--check');
for (const { file, content } of PRODUCTS) {
  const text = content();
  if (!isStale(file, text)) continue;
  if (checkOnly) {
    process.stderr.write(`${file} is stale: run \`npm run generate\`\n`);
    process.exitCode = 1;
  } else {
    writeFileSync(pathOf(file), text);
    process.stdout.write(`${file} written\n`);
  }
}

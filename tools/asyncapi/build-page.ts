/** Writes the contract as a page for people: `npm run docs [-- FOLDER]`, into `build/docs/` unless told. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asyncApiDocument } from './document.ts';
import { renderPage } from './page/page.ts';

const folder = process.argv[2] ?? fileURLToPath(new URL('../../build/docs', import.meta.url));
const file = join(folder, 'contract.html');
mkdirSync(folder, { recursive: true });
writeFileSync(file, renderPage(asyncApiDocument()));
process.stdout.write(`${file} written\n`);

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** A script that can stand in a page, and what a Content-Security-Policy calls it by. */
export interface InlineScript {
  readonly text: string;
  /** `sha256-…` */
  readonly hash: string;
}

/** The libraries' licence (ISC) asks for it in every copy; their sources have no comments that a bundler would keep. */
const NOTICE =
  '/* Observable Plot, copyright Observable, Inc.; D3, copyright Mike Bostock; both by the ISC licence, https://opensource.org/license/isc-license-txt */';

let bundled: InlineScript | undefined;

/** The script that draws the charts, with the library that it uses; made once in a process, in a fraction of a second. */
export function chartsScript(): InlineScript {
  bundled ??= bundle();
  return bundled;
}

function bundle(): InlineScript {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('browser/main.ts', import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    legalComments: 'none',
    banner: { js: NOTICE },
    logLevel: 'silent',
    // What surrounds the package on this machine says nothing of how a page is made.
    tsconfigRaw: '{}',
  });
  // Only an HTML parser sees the difference: it would end the element there.
  const text = (outputFiles[0]?.text ?? '').replaceAll('</script', '<\\/script');
  return { text, hash: `sha256-${createHash('sha256').update(text).digest('base64')}` };
}

/** The style sheet of the page. */
export function styleSheet(): string {
  return readFileSync(new URL('page.css', import.meta.url), 'utf8');
}

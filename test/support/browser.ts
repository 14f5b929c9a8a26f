/** A browser for tests: the machine's own Chromium, without a screen. */
import { access } from 'node:fs/promises';
import { type Browser, chromium } from 'playwright-core';

/** Debian's, Ubuntu's as a package or a snap, Fedora's and Google's. */
const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/snap/bin/chromium',
  '/usr/bin/google-chrome',
];
const FLAGS = [
  // Containers have no user namespaces to make a sandbox of; what is opened are our own pages.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Looks for a Chromium: the one of CHROMIUM_PATH, or where distributions have theirs.
 * @returns its path, or why there is none
 * @throws with CI=true when there is none: there, a test that is skipped would never be missed
 */
export async function findBrowser(): Promise<
  { readonly ok: true; readonly path: string } | { readonly ok: false; readonly reason: string }
> {
  const named = process.env['CHROMIUM_PATH'];
  const places = named === undefined ? PLACES : [named];
  for (const path of places) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return { ok: true, path };
  }
  const reason = `this needs Chromium, and there is none at ${places.join(', ')}: install it, or set CHROMIUM_PATH`;
  if (process.env['CI'] === 'true') throw new Error(reason);
  return { ok: false, reason };
}

export function startBrowser(path: string): Promise<Browser> {
  return chromium.launch({ executablePath: path, headless: true, args: FLAGS });
}

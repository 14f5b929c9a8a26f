/**
 * The little of a browser that the charts touch. The types of all of it (TypeScript's `dom`) would be global, and
 * make `name` or `event` words that services could use by mistake.
 */
export interface PageElement {
  readonly clientWidth: number;
  readonly textContent: string;
  readonly dataset: Readonly<Record<string, string | undefined>>;
  replaceChildren(...nodes: readonly PageElement[]): void;
  setAttribute(name: string, value: string): void;
}

interface Page {
  getElementById(id: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

interface SizeObserver {
  observe(element: PageElement): void;
}

interface Browser {
  readonly document: Page;
  readonly ResizeObserver: new (changed: () => void) => SizeObserver;
}

/** @returns what of the browser is used; only a page has it */
export function browser(): Browser {
  const scope: unknown = globalThis;
  if (isBrowser(scope)) return scope;
  throw new Error('the charts are drawn by a browser');
}

function isBrowser(scope: unknown): scope is Browser {
  return typeof scope === 'object' && scope !== null && 'document' in scope && 'ResizeObserver' in scope;
}

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

type Language = 'ts' | 'python' | 'sh' | 'sql';

/** A program as a document shows it: one fenced block, or several that belong together. */
export interface Snippet {
  /** The document, the heading that it stands under, and the language: `docs/publishers.md › Errors (ts)`. */
  readonly name: string;
  readonly language: Language;
  readonly code: string;
  /** Why it is not run, where the document says so. */
  readonly notRun: string | undefined;
}

interface Block {
  readonly heading: string;
  readonly language: string;
  readonly code: string;
  readonly notRun: string | undefined;
}

const LANGUAGES: Readonly<Record<string, Language>> = {
  ts: 'ts',
  python: 'python',
  sh: 'sh',
  bash: 'sh',
  sql: 'sql',
};
const IMPORTS = /^(?:import|from) /m;

/**
 * Reads the programs of a Markdown document. `<!-- not run: REASON -->` before a block keeps it from being run.
 * A block of TypeScript or Python that imports nothing goes on with the one before it: together they are one program,
 * named after its first block. Fenced blocks without a language are no programs.
 * @param path from the root of the repository
 * @throws when two programs of a document would have one name, or a language is none that can be run
 */
export function snippetsOf(path: string): readonly Snippet[] {
  const text = readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
  return snippetsIn(text, path);
}

/** The same for the text of a document. */
export function snippetsIn(text: string, document: string): readonly Snippet[] {
  const snippets = new Map<string, Snippet>();
  const last = new Map<Language, Snippet>();
  for (const block of blocksOf(text)) {
    const language = LANGUAGES[block.language];
    if (language === undefined) {
      if (block.language === '' || block.notRun !== undefined) continue;
      throw new Error(`${document}, ${block.heading}: nothing runs ${block.language}; say why it is not run`);
    }
    const before = isContinuation(block, language) ? last.get(language) : undefined;
    const snippet: Snippet = before
      ? { ...before, code: `${before.code}\n${block.code}` }
      : {
          name: `${document} › ${block.heading} (${language})`,
          language,
          code: block.code,
          notRun: block.notRun,
        };
    if (before === undefined && snippets.has(snippet.name)) {
      throw new Error(`two programs are called ${snippet.name}: give one of them a heading of its own`);
    }
    snippets.set(snippet.name, snippet);
    last.set(language, snippet);
  }
  return [...snippets.values()];
}

function isContinuation({ code, notRun }: Block, language: Language): boolean {
  return notRun === undefined && (language === 'ts' || language === 'python') && !IMPORTS.test(code);
}

function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let heading = '';
  let notRun: string | undefined;
  let open: { readonly language: string; readonly lines: string[] } | undefined;
  for (const line of text.split('\n')) {
    const fence = /^```(\S*)/.exec(line);
    if (open !== undefined) {
      if (fence === null) {
        open.lines.push(line);
        continue;
      }
      blocks.push({ heading, language: open.language, code: open.lines.join('\n'), notRun });
      [open, notRun] = [undefined, undefined];
    } else if (fence !== null) {
      open = { language: fence[1] ?? '', lines: [] };
    } else if (line.trim() !== '') {
      heading = /^#+ (.*)/.exec(line)?.[1] ?? heading;
      notRun = /^<!-- not run: (.+) -->$/.exec(line)?.[1];
    }
  }
  return blocks;
}

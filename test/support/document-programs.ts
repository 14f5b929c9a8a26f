import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Ended, ensureEnvironment, findPython } from './python.ts';
import { createSnippetRunner, type SnippetRunner } from './snippet-runner.ts';
import { type Snippet, snippetsOf } from './snippets.ts';
import { useStack } from './stack.ts';
import { type System, startSystem } from './system.ts';

/** Looks at what came of a program. */
export interface Judge {
  /** For a program that goes on until it is ended. */
  readonly isEnough?: (stdout: string) => boolean;
  readonly judge: (ended: Ended, system: System) => Promise<void> | void;
}

export interface DocumentPrograms {
  /** Paths from the root of the repository; run in this order, because some go on with what others left. */
  readonly documents: readonly string[];
  /** By the names of the programs: those that are run. */
  readonly judges: Readonly<Record<string, Judge>>;
  /** The names of those whose documents say why they are not run. */
  readonly notRun: readonly string[];
  /** What the documents take for granted. */
  readonly prepare?: (system: System) => Promise<void>;
}

/**
 * Makes a test of each program that the documents show: it is run as it stands there, against a real Kafka, a real
 * registry and both services, and judged by what came of it. `snippets.ts` says what a program is, `snippet-runner.ts`
 * what is put in the place of the addresses. Skipped where there is no Python, but never with CI=true.
 */
export async function testPrograms(options: DocumentPrograms): Promise<void> {
  const { documents, judges, notRun } = options;
  const snippets = documents.flatMap((path) => snippetsOf(path));
  const namesOf = (isRun: boolean) =>
    snippets.filter((snippet) => (snippet.notRun === undefined) === isRun).map(({ name }) => name);

  test('every program of the documents is run and judged, or says why not', () => {
    assert.deepEqual(namesOf(false), notRun);
    assert.deepEqual(namesOf(true).toSorted(), Object.keys(judges).toSorted());
  });

  const name = `the programs of ${documents.join(', ')}`;
  const found = await findPython();
  if (!found.ok) {
    test(name, { skip: found.reason });
    return;
  }
  const stack = await useStack();
  describe(name, { timeout: 300_000 }, () => {
    let system: System;
    let runner: SnippetRunner;

    before(async () => {
      const report = (line: string) => process.stderr.write(`${line}\n`);
      const environment = ensureEnvironment(found.python, report);
      const [started, interpreter] = await Promise.all([startSystem(stack), environment]);
      system = started;
      runner = createSnippetRunner(system, interpreter);
      await system.startSender();
      await options.prepare?.(system);
    });
    after(async () => {
      runner?.close();
      await system?.stop();
    });

    test('those in TypeScript have the types that they should have', async () => {
      const complaints = await runner.typeCheck(snippets.filter(({ language }) => language === 'ts'));
      assert.equal(complaints, '');
    });

    for (const snippet of snippets.filter(({ notRun }) => notRun === undefined)) {
      test(snippet.name, () => runAndJudge(snippet));
    }

    async function runAndJudge(snippet: Snippet): Promise<void> {
      const { isEnough, judge } = judges[snippet.name] ?? assert.fail('it has no judge');
      const ended = await runner.run(snippet, isEnough);
      assert.equal(ended.code, 0, ended.stdout + ended.stderr);
      await judge(ended, system);
    }
  });
}

/** The JSON objects among the lines; npm prints others. */
export const objectsIn = (stdout: string): readonly Record<string, unknown>[] =>
  stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

/** Resolves when each message has come to a status. */
export const reached = (system: System, status: string, ...ids: readonly string[]): Promise<void> =>
  system.until((events) =>
    ids.every((id) => events.some((event) => event.message_id === id && event.status === status)),
  );

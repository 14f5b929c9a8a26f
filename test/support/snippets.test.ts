import assert from 'node:assert/strict';
import { test } from 'node:test';
import { snippetsIn } from './snippets.ts';

const DOCUMENT = `
# Begin
~~~
a picture
~~~
~~~ts
import { a } from 'a';
~~~
## Go on
~~~ts
a();
~~~
<!-- not run: it needs a ladder -->

~~~sh
climb
~~~
`.replaceAll('~~~', '```');

test('blocks that import nothing go on with the one before; what is not run says why', () => {
  assert.deepEqual(snippetsIn(DOCUMENT, 'a.md'), [
    {
      name: 'a.md › Begin (ts)',
      language: 'ts',
      code: "import { a } from 'a';\na();",
      notRun: undefined,
    },
    { name: 'a.md › Go on (sh)', language: 'sh', code: 'climb', notRun: 'it needs a ladder' },
  ]);
});

test('a program in a language that nothing runs is an error, and so are two of one name', () => {
  assert.throws(() => snippetsIn('# A\n```cobol\n```', 'a.md'), /a\.md, A: nothing runs cobol/);
  assert.throws(() => snippetsIn('# A\n```sh\n```\n```sh\n```', 'a.md'), /two programs are called a\.md › A/);
});

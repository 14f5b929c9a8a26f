/**
 * Makes what is published to npm: `node build.ts [FOLDER]` (`dist` here, unless told). The folder is a package of its
 * own, to be packed or published as it is: our private packages are inside the bundle, its other libraries are its
 * dependencies. In this repository everything runs from `src`, without it.
 */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SCHEMA_TEXTS } from '@whatsapp-stream/schemas';
import { build, type Rolldown } from 'tsdown';

const HERE = import.meta.dirname;
const ROOT = join(HERE, '../..');
/** Their code becomes part of ours. */
const INSIDE = ['packages/kafka', 'schemas'];

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

async function manifestOf(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
}

/** The schemas are files beside their module; a bundle has their texts in it. */
const schemaTexts: Rolldown.Plugin = {
  name: 'schema-texts',
  load: {
    filter: { id: /\/schemas\/src\/schema-texts\.ts$/ },
    handler: () => ({
      code: `export const SCHEMA_TEXTS = ${JSON.stringify(SCHEMA_TEXTS)};`,
      moduleType: 'js',
    }),
  },
};

async function bundle(folder: string): Promise<void> {
  await build({
    config: false,
    cwd: ROOT,
    entry: { index: join(HERE, 'src/index.ts') },
    outDir: folder,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    fixedExtension: false,
    tsconfig: join(ROOT, 'tsconfig.publish.json'),
    // The compiler that is installed here is the native one, which tsdown calls tsgo.
    dts: { tsgo: { path: join(ROOT, 'node_modules/.bin/tsc') } },
    deps: { neverBundle: (id) => /^[@\w]/.test(id) && !id.startsWith('@whatsapp-stream/') },
    plugins: [schemaTexts],
    report: false,
    logLevel: 'warn',
  });
}

/** The manifest of the package: this one's, without what is needed in this repository only. */
async function publishedManifest(): Promise<object> {
  const { private: _, scripts: __, devDependencies: ___, exports: ____, ...kept } = await manifestOf(HERE);
  const inside = await Promise.all(INSIDE.map((folder) => manifestOf(join(ROOT, folder))));
  const dependencies = Object.entries(
    Object.assign(
      {},
      kept.dependencies,
      ...inside.map((one) => one.dependencies),
    ) as Manifest['dependencies'],
  ).filter(([name]) => !name.startsWith('@whatsapp-stream/'));
  return {
    ...kept,
    files: ['index.js', 'index.d.ts'],
    exports: { '.': { types: './index.d.ts', default: './index.js' }, './package.json': './package.json' },
    dependencies: Object.fromEntries(dependencies.toSorted(([a], [b]) => a.localeCompare(b))),
  };
}

const folder = resolve(process.argv[2] ?? join(HERE, 'dist'));
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
await bundle(folder);
await writeFile(join(folder, 'package.json'), `${JSON.stringify(await publishedManifest(), null, 2)}\n`);
await cp(join(HERE, 'README.md'), join(folder, 'README.md'));
await cp(fileURLToPath(new URL('LICENSE', `file://${ROOT}/`)), join(folder, 'LICENSE'));

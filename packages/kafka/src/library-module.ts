import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** What is replaced was compared with this version's own, and with no other. */
const KNOWN_VERSION = '2.2.4';

/** @returns what a module inside kafkajs exports; the caller says what that is, kafkajs has no types for it */
export function libraryModule<T>(path: string): T {
  return require(`kafkajs/src/${path}`);
}

/** As `libraryModule`, for what is no part of what kafkajs promises. @throws when it is another version than is known */
export function knownLibraryModule<T>(path: string): T {
  checkVersion();
  return libraryModule<T>(path);
}

/** Puts other exports in the place of those of a module inside kafkajs, for modules that ask for it from now on. */
export function replaceLibraryModule(path: string, exports: unknown): void {
  checkVersion();
  libraryModule(path);
  const module = require.cache[require.resolve(`kafkajs/src/${path}`)];
  if (!module) throw new Error(`kafkajs has no module ${path}`);
  module.exports = exports;
}

function checkVersion(): void {
  const { version }: { readonly version: string } = require('kafkajs/package.json');
  if (version !== KNOWN_VERSION)
    throw new Error(`kafkajs ${version} is not the version that is known here, ${KNOWN_VERSION}`);
}

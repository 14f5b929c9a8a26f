/** What can stand in a JSON or YAML document. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/** @returns what the text says */
export function parseJson(text: string): Json {
  const value: Json = JSON.parse(text);
  return value;
}

/** A value as it goes over the wire: without what is undefined. */
export function asJson(value: object): Json {
  return parseJson(JSON.stringify(value));
}

/** @returns a reference within the document: `ref('channels', 'status')` */
export function ref(...path: readonly string[]): JsonObject {
  return { $ref: `#/${path.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}` };
}

/** The last name in a reference. */
export function refName(reference: Json | undefined): string {
  return textAt(reference, '$ref').split('/').at(-1) ?? '';
}

/** @returns an object schema with these properties, and more of them allowed; all are required unless told */
export function objectSchema(properties: JsonObject, required = Object.keys(properties)): JsonObject {
  return { type: 'object', ...(required.length > 0 ? { required } : {}), properties };
}

/** @returns what stands there, if anything does */
export function at(json: Json | undefined, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((value, name) => (isObject(value) ? value[name] : undefined), json);
}

/** @returns the text that stands there; none is the empty one */
export function textAt(json: Json | undefined, ...path: readonly string[]): string {
  const value = at(json, ...path);
  return typeof value === 'string' ? value : '';
}

/** @returns the names and values of the object that stands there; none of anything else */
export function entriesAt(
  json: Json | undefined,
  ...path: readonly string[]
): readonly (readonly [string, Json])[] {
  const value = at(json, ...path);
  return isObject(value) ? Object.entries(value) : [];
}

/** @returns what is listed there; nothing when it is no list */
export function listAt(json: Json | undefined, ...path: readonly string[]): readonly Json[] {
  const value = at(json, ...path);
  return isList(value) ? value : [];
}

export function isList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}

export function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !isList(json);
}

/** Looks at a value of which nothing is known, at the place `at`. @returns a sentence for each fault */
export type Check<Rules> = (value: unknown, at: string, rules: Rules) => readonly string[];

export const NO_FAULTS: readonly string[] = [];
/** The last moment that a Date can hold (ECMAScript, "Time Values and Time Range"). */
const LAST_MS = 8.64e15;

/** An object with these fields and no others: an unknown one is more likely a typing error than meant. */
export function objectOf<Rules>(checks: Readonly<Record<string, Check<Rules>>>): Check<Rules> {
  const names = Object.keys(checks);
  return (value, at, rules) => {
    if (!isObject(value)) return [`${at === '' ? 'it' : at} must be an object`];
    const within = (name: string) => (at === '' ? name : `${at}.${name}`);
    const unknown = Object.keys(value).filter((name) => !Object.hasOwn(checks, name));
    return [
      ...unknown.map((name) => `${JSON.stringify(within(name))} is not known: it has ${names.join(', ')}`),
      ...Object.entries(checks).flatMap(([name, check]) => check(value[name], within(name), rules)),
    ];
  };
}

/** May be left out. */
export function optional<Rules>(check: Check<Rules>): Check<Rules> {
  return (value, at, rules) => (value === undefined ? NO_FAULTS : check(value, at, rules));
}

/** May be left out, or null. */
export function nullable<Rules>(check: Check<Rules>): Check<Rules> {
  return optional((value, at, rules) => (value === null ? NO_FAULTS : check(value, at, rules)));
}

export function text(value: unknown, at: string): readonly string[] {
  if (value === undefined) return [`${at} is missing`];
  return typeof value === 'string' ? NO_FAULTS : [`${at} must be a string`];
}

export function texts(value: unknown, at: string): readonly string[] {
  // Not every of the array's own, which passes over holes.
  return Array.isArray(value) && Array.from(value).every((each) => typeof each === 'string')
    ? NO_FAULTS
    : [`${at} must be an array of strings`];
}

export function textsByName(value: unknown, at: string): readonly string[] {
  // A Map would be taken for an object without properties.
  return isObject(value) &&
    !(value instanceof Map) &&
    Object.values(value).every((each) => typeof each === 'string')
    ? NO_FAULTS
    : [`${at} must be an object whose values are strings`];
}

export function time(value: unknown, at: string): readonly string[] {
  return isTime(value) ? NO_FAULTS : [`${at} must be a valid Date, or whole ms since 1970`];
}

export function isTime(value: unknown): value is Date | number {
  const ms = value instanceof Date ? value.getTime() : value;
  return Number.isInteger(ms) && Number(ms) >= 0 && Number(ms) <= LAST_MS;
}

export function oneOf(choices: readonly string[]): Check<unknown> {
  return (value, at) =>
    typeof value === 'string' && choices.includes(value)
      ? NO_FAULTS
      : [`${at} must be one of ${choices.join(', ')}`];
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

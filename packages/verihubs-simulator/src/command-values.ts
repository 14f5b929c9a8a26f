/** Readers of command-line values. Each throws InvalidArgumentError, which commander shows, when it cannot read one. */
import { InvalidArgumentError } from 'commander';
import type { DelayRange } from './random.ts';

/** A whole number from `min` to `max`. */
export function whole(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number of ${min} or more.`);
  };
}

/** A number from 0 to 1. */
export function probability(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('Expected a number from 0 to 1.');
}

/** Milliseconds, as `100` or `50..300`. */
export function range(text: string): DelayRange {
  const [, min, max] = /^(\d+)(?:\.\.(\d+))?$/.exec(text) ?? [];
  const minMs = Number(min);
  const maxMs = Number(max ?? min);
  if (minMs <= maxMs) return { minMs, maxMs };
  throw new InvalidArgumentError('Expected milliseconds, as 100 or 50..300.');
}

/** Whole numbers with commas between them. */
export function codes(text: string): number[] {
  if (/^\d+(,\d+)*$/.test(text)) return text.split(',').map(Number);
  throw new InvalidArgumentError('Expected status codes with commas between them, as 1,2,3.');
}

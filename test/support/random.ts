/**
 * Chance for tests: everything that is left to it comes from one seeded sequence, so that a run can be repeated.
 */
import { type Random, seededRandom, shuffled } from '@whatsapp-stream/verihubs-simulator';

export { type Random, seededRandom, shuffled };

/** A number from `min` (included) to `max` (excluded). */
export const between = (random: Random, min: number, max: number): number => min + (max - min) * random();

/** A whole number from `min` to `max`, both included. */
export const whole = (random: Random, min: number, max: number): number =>
  Math.floor(between(random, min, max + 1));

export const chance = (random: Random, probability: number): boolean => random() < probability;

export function pick<const T>(random: Random, items: readonly [T, ...T[]]): T {
  return items[Math.floor(random() * items.length)] ?? items[0];
}

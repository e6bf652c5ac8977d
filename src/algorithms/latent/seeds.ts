/** Which seeds exist, for both generators: what fits in the 32 bits of `init_genrand`. */
import { GenscopeError } from '../../shared/kernel/errors.ts';

/** 2^32 − 1: NumPy refuses larger seeds, and torch's Mersenne Twister would use only their low 32 bits. */
export const MAX_SEED = 0xffffffff;

/** Throws `input.invalid` unless `seed` is a whole number from 0 to 2^32 − 1. */
export function checkSeed(seed: number): void {
  if (Number.isInteger(seed) && seed >= 0 && seed <= MAX_SEED) return;
  throw new GenscopeError(
    'input.invalid',
    `${seed} is not a seed.`,
    `Choose a whole number from 0 to ${MAX_SEED}.`,
  );
}

/** Throws `input.invalid` unless `seed`, `seed + 1`, … `seed + count − 1` are all seeds. */
export function checkSeedRange(seed: number, count: number): void {
  checkSeed(seed);
  if (seed + count - 1 <= MAX_SEED) return;
  throw new GenscopeError(
    'input.invalid',
    `${count} samples from seed ${seed} on need seeds beyond the largest one, ${MAX_SEED}.`,
    `Start at seed ${Math.max(0, MAX_SEED - count + 1)} or below, or ask for fewer samples.`,
  );
}

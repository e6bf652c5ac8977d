/** Checks of latent plans and what they are made of. */
import { isInteger, isList, isNumber, isObject, isOneOf, MAX_COUNT, MAX_SEED } from '../kernel/checks.ts';
import type { ClassChoice, LatentKey, LatentPlan, LatentSource, Truncation } from './latents.ts';

function isTruncation(value: unknown): value is Truncation {
  if (!isObject(value)) return false;
  if (value.mode === 'none') return true;
  if (value.mode === 'resample') return isNumber(value.threshold) && value.threshold > 0;
  if (value.mode === 'truncnorm') return isNumber(value.scale) && value.scale >= 0;
  if (value.mode === 'psi') return isNumber(value.psi);
  return value.mode === 'input' && isNumber(value.value);
}

export function isLatentSource(value: unknown): value is LatentSource {
  return (
    isObject(value) &&
    isOneOf(value.rng, ['numpy', 'torch']) &&
    isOneOf(value.layout, ['each', 'stream']) &&
    isOneOf(value.distribution, ['normal', 'uniform', 'uniform01']) &&
    isTruncation(value.truncation)
  );
}

export function isClassChoice(value: unknown): value is ClassChoice {
  return value === 'all' || isInteger(value, 0, 1e6);
}

export function isLatentKey(value: unknown): value is LatentKey {
  return (
    isObject(value) &&
    isInteger(value.seed, 0, MAX_SEED) &&
    (value.classIndex === null || isInteger(value.classIndex, 0, 1e6))
  );
}

export function isLatentPlan(value: unknown): value is LatentPlan {
  if (!isObject(value) || !isLatentSource(value.source)) return false;
  switch (value.kind) {
    case 'seeds':
      return (
        isInteger(value.seed, 0, MAX_SEED) &&
        isInteger(value.count, 1, MAX_COUNT) &&
        isClassChoice(value.classes)
      );
    case 'picks':
      return (
        isLatentPlan({ ...value, kind: 'seeds' }) &&
        isList(value.indices, (index): index is number => isInteger(index, 0, MAX_COUNT), 4096)
      );
    case 'path':
      return (
        isList(value.keys, isLatentKey, 1000) &&
        value.keys.length >= 1 &&
        isInteger(value.steps, 1, 100_000) &&
        isOneOf(value.method, ['slerp', 'lerp']) &&
        typeof value.loop === 'boolean'
      );
    case 'grid':
      return (
        isList(value.corners, isLatentKey, 4) &&
        value.corners.length === 4 &&
        isInteger(value.rows, 1, 256) &&
        isInteger(value.columns, 1, 256) &&
        isOneOf(value.method, ['slerp', 'lerp'])
      );
    default:
      return false;
  }
}

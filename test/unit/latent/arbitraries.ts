/** What latent plans can look like, for property tests. */
import fc from 'fast-check';
import type { LatentKey, LatentPlan, LatentSource } from '../../../src/shared/samples/latents.ts';

export const CLASSES = 7;

export const anySeed = fc.integer({ min: 0, max: 2 ** 32 - 1000 });

const anyTruncation = fc.oneof(
  fc.constant({ mode: 'none' } as const),
  fc.record({
    mode: fc.constant('resample' as const),
    threshold: fc.double({ min: 0.3, max: 3, noNaN: true }),
  }),
  fc.record({
    mode: fc.constant('truncnorm' as const),
    scale: fc.double({ min: 0.01, max: 1, noNaN: true }),
  }),
);

export const anySource: fc.Arbitrary<LatentSource> = fc
  .record({
    rng: fc.constantFrom('numpy' as const, 'torch' as const),
    layout: fc.constantFrom('each' as const, 'stream' as const),
    distribution: fc.constantFrom('normal' as const, 'uniform' as const, 'uniform01' as const),
    truncation: anyTruncation,
  })
  .filter(({ distribution, truncation }) => distribution === 'normal' || truncation.mode !== 'truncnorm');

export const anyKey: fc.Arbitrary<LatentKey> = fc.record({
  seed: anySeed,
  classIndex: fc.integer({ min: 0, max: CLASSES - 1 }),
});

const anyMethod = fc.constantFrom('slerp' as const, 'lerp' as const);

export const anyPlan: fc.Arbitrary<LatentPlan> = fc.oneof(
  fc.record({
    kind: fc.constant('seeds' as const),
    source: anySource,
    seed: anySeed,
    count: fc.integer({ min: 1, max: 30 }),
    classes: fc.oneof(fc.constant('all' as const), fc.integer({ min: 0, max: CLASSES - 1 })),
  }),
  fc.record({
    kind: fc.constant('path' as const),
    source: anySource,
    keys: fc.array(anyKey, { minLength: 1, maxLength: 5 }),
    steps: fc.integer({ min: 1, max: 30 }),
    method: anyMethod,
    loop: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('grid' as const),
    source: anySource,
    corners: fc.tuple(anyKey, anyKey, anyKey, anyKey),
    rows: fc.integer({ min: 1, max: 6 }),
    columns: fc.integer({ min: 1, max: 6 }),
    method: anyMethod,
  }),
);

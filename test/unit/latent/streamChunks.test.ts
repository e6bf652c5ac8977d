/** A long stream drawn in stretches is the same stream. */
import { describe, expect, it } from 'vitest';
import { createRandom, drawComponents } from '../../../src/algorithms/latent/draw.ts';
import { drawsInChunks, StreamChunks } from '../../../src/algorithms/latent/streamChunks.ts';
import { DEFAULT_SOURCE, type LatentSource } from '../../../src/shared/samples/latents.ts';

const base: LatentSource = { ...DEFAULT_SOURCE, layout: 'stream' };
const SOURCES: readonly (readonly [string, LatentSource])[] = [
  ['numpy normals', base],
  ['torch normals', { ...base, rng: 'torch' }],
  ['numpy uniforms', { ...base, distribution: 'uniform' }],
  ['torch uniforms', { ...base, rng: 'torch', distribution: 'uniform01' }],
  ['numpy truncnorm', { ...base, truncation: { mode: 'truncnorm', scale: 0.5 } }],
  ['torch truncnorm', { ...base, rng: 'torch', truncation: { mode: 'truncnorm', scale: 0.5 } }],
];

describe('a stream in stretches', () => {
  it.each(SOURCES)('%s: forwards, in leaps, and back again', (_name, source) => {
    const size = 33;
    const count = 4096;
    const whole = drawComponents(createRandom(source.rng, 7), source, count * size);
    const chunks = new StreamChunks(source, 7, size);
    for (const i of [0, 1, 1023, 1024, 3071, 3072, 4095, 5, 2048])
      expect(chunks.row(i)).toEqual(whole.subarray(i * size, (i + 1) * size));
  });

  it('is not used where it would give other numbers', () => {
    const many = 1 << 22;
    expect(drawsInChunks(base, many + 1)).toBe(true);
    expect(drawsInChunks({ ...base, rng: 'torch' }, many)).toBe(true);
    expect(drawsInChunks({ ...base, rng: 'torch' }, many + 1)).toBe(false);
    expect(drawsInChunks({ ...base, truncation: { mode: 'resample', threshold: 1 } }, many)).toBe(false);
    expect(drawsInChunks(base, 1000)).toBe(false);
  });
});

/** ψ: w ← w̄ + ψ (w − w̄), against files that have it built in and against the halves of a generator run by hand. */
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NumpyRandom } from '../../src/algorithms/latent/numpyRandom.ts';
import { samplePlan } from '../../src/cli/samplePlan.ts';
import type { Generator } from '../../src/engine/generator/generator.ts';
import { AVERAGE_OF, computeAverage, examineMapping } from '../../src/engine/generator/mapping.ts';
import { Models } from '../../src/engine/models/models.ts';
import { asNumbers } from '../../src/engine/pictures/pixels.ts';
import { latentCode } from '../../src/engine/samples/latentCode.ts';
import { type SampledBatch, samplePictures } from '../../src/engine/samples/sampling.ts';
import { split } from '../../src/onnx/surgery/split/split.ts';
import { DEFAULT_SOURCE, type LatentPlan, type Truncation } from '../../src/shared/samples/latents.ts';
import { ROOT, seeds } from './support/engine.ts';

const MODELS = path.join(ROOT, 'test', 'fixtures', 'zoo', 'models');
/** Tests share their processor. */
const PATIENT = { ...AVERAGE_OF, mostMs: 1e6 };
const never = new AbortController().signal;

let models: Models;
beforeEach(() => {
  models = new Models({ threads: 1 });
});
afterEach(() => models.releaseAll());

const open = (file: string): Promise<Generator> => models.generator({ path: path.join(MODELS, file) });

const truncated = (truncation: Truncation, more: Partial<Extract<LatentPlan, { kind: 'seeds' }>> = {}) =>
  seeds(4, { source: { ...DEFAULT_SOURCE, truncation }, ...more });
const psi = (value: number): Truncation => ({ mode: 'psi', psi: value });

async function pictures(generator: Generator, plan: LatentPlan, signal = never): Promise<Uint8Array> {
  const batches: SampledBatch[] = [];
  for await (const batch of samplePictures(generator, plan, { signal, noise: 'constant' }))
    batches.push(batch);
  return Buffer.concat(batches.map((batch) => batch.pictures.data));
}

async function mappingOf(generator: Generator) {
  const mapping = await examineMapping(generator.mapped);
  if (mapping === null) throw new Error('no mapping');
  return mapping;
}

describe('against the graph’s own ψ', () => {
  it.each(['stylegan2-psi.ts.op14.b1.onnx', 'stylegan2-psi.dynamo.op18.b1.onnx'])('%s', async (file) => {
    const generator = await open(file);
    expect(generator.mapping).toMatchObject({ size: 12, average: 'file' });
    for (const value of [0.7, 0, -0.5]) {
      const own = await pictures(generator, truncated({ mode: 'input', value }));
      expect(await pictures(generator, truncated(psi(value)))).toEqual(own);
    }
    expect(await pictures(generator, truncated(psi(0.7)))).not.toEqual(await pictures(generator, seeds(4)));
  });
});

/** w by the first half, truncated here, the picture by the second. */
async function byHand(generator: Generator, value: number, average: Float32Array): Promise<number[][]> {
  const { running, open: session, rows, feeds, imageName } = generator.mapped;
  const w = generator.mapping?.tensor ?? '';
  const halves = split(running, w);
  const [before, after] = [await session(halves.prefix), await session(halves.suffix)];
  const images: number[][] = [];
  for (const index of [0, 1]) {
    const request = { ...rows(index, 1), noise: 'constant' as const };
    const crossing = await before.run(feeds(before, request));
    const { data, dtype, shape } = crossing[w] ?? { data: new Float32Array(), dtype: '', shape: [] };
    const moved = Float32Array.from(data as Float32Array, (component, i) => {
      const mean = average[i] as number;
      return mean + value * (component - mean);
    });
    const handed = { ...crossing, [w]: { dtype, shape, data: moved } };
    const known = Object.fromEntries(halves.crossing.map((name) => [name, handed[name]]));
    const given = feeds(after, request);
    const outputs = await after.run({ ...given, ...known } as typeof given);
    images.push(Array.from(outputs[imageName]?.data ?? [], Number));
  }
  await before.release();
  await after.release();
  return images;
}

describe('against the two halves', () => {
  it.each([
    ['stylegan1.ts.op11.onnx', 'free'],
    ['stylegan2.ts.op11.b1.onnx', 'loop'],
    ['stylegan2-noise-inputs.dynamo.op18.b1.onnx', 'loop'],
    ['stylegan3-unfused.ts.op17.onnx', 'free'],
  ])('%s', async (file, batch) => {
    const generator = await open(file);
    expect(generator.batch).toBe(batch);
    expect(generator.mapping).toMatchObject({ size: 12, average: 'computed' });
    const { average } = await computeAverage(generator.mapped, await mappingOf(generator), never);
    await generator.preparePsi(0.6, never);
    const request = { ...generator.mapped.rows(0, 2), noise: 'constant' as const };
    const both = await generator.run(request, 0.6);
    const values = Array.from(asNumbers(both.data, both.dtype));
    const expected = (await byHand(generator, 0.6, average)).flat();
    expect(values).toHaveLength(expected.length);
    const worst = values.reduce((most, one, i) => Math.max(most, Math.abs(one - (expected[i] as number))), 0);
    expect(worst).toBeLessThan(2e-5);
    const plain = await generator.run(request);
    expect(Array.from(asNumbers(plain.data, plain.dtype))).not.toEqual(values);
  });
});

describe('w̄', () => {
  it('is the mean of 10,000 mapped latents, one stream of RandomState(0)', async () => {
    const generator = await open('stylegan2.ts.op11.b1.onnx');
    const mapping = await mappingOf(generator);
    const { average, count } = await computeAverage(generator.mapped, mapping, never, PATIENT);
    expect(count).toBe(10_000);
    const { running, open: session, rows, feeds } = generator.mapped;
    const { prefix } = split(running, mapping.description.tensor);
    const one = await session(prefix);
    const z = new NumpyRandom(0).normals(10_000 * 12);
    const sum = new Float64Array(12);
    for (let i = 0; i < 10_000; i++) {
      const latents = Float32Array.from(z.subarray(i * 12, (i + 1) * 12));
      const outputs = await one.run(feeds(one, { ...rows(0, 1), latents }));
      const w = outputs[mapping.description.tensor]?.data ?? [];
      for (let k = 0; k < 12; k++) sum[k] = (sum[k] as number) + Number(w[k]);
    }
    await one.release();
    for (let k = 0; k < 12; k++) expect(average[k]).toBeCloseTo((sum[k] as number) / 10_000, 5);
  });

  it('is near the one that training kept', async () => {
    const generator = await open('stylegan2-psi.ts.op14.b1.onnx');
    const mapping = await mappingOf(generator);
    const { average } = await computeAverage(generator.mapped, mapping, never);
    for (let k = 0; k < 12; k++) expect(average[k]).toBeCloseTo(mapping.average?.[k] as number, 1);
    expect(average).not.toEqual(mapping.average);
  });

  it('goes through the classes in turn', async () => {
    const generator = await open('stylegan2-cond.dynamo.op18.b1.onnx');
    const mapping = await mappingOf(generator);
    const seen: number[] = [];
    const spy = {
      ...generator.mapped,
      feeds: (...[session, request]: Parameters<typeof generator.mapped.feeds>) => {
        for (let i = 0; i < request.count; i++)
          seen.push(request.classWeights.subarray(i * 6, i * 6 + 6).indexOf(1));
        return generator.mapped.feeds(session, request);
      },
    };
    const { count } = await computeAverage(spy, mapping, never, { wanted: 600, fewest: 100, mostMs: 1e6 });
    expect(count).toBe(600);
    expect(seen.slice(-600)).toEqual(Array.from({ length: 600 }, (_, i) => i % 6));
  });

  it('is of 1,000 latents at least where mapping is slow', async () => {
    const generator = await open('stylegan2.ts.op11.b1.onnx');
    const limits = { ...AVERAGE_OF, mostMs: 0 };
    const { count } = await computeAverage(generator.mapped, await mappingOf(generator), never, limits);
    expect(count).toBe(1_000);
  });

  it('can be called off', async () => {
    const generator = await open('stylegan3.ts.op11.b1.onnx');
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 0);
    await expect(pictures(generator, truncated(psi(0.5)), stop.signal)).rejects.toMatchObject({
      code: 'request.cancelled',
    });
    expect(await pictures(generator, truncated(psi(0.5)))).toHaveLength(4 * 32 * 32 * 4);
  });
});

describe('ψ in plans', () => {
  it('1 leaves pictures as they are, 0 makes all the same', async () => {
    const generator = await open('stylegan2-nonoise.ts.op21.b1.onnx');
    expect(await pictures(generator, truncated(psi(1)))).toEqual(await pictures(generator, seeds(4)));
    const all = await pictures(generator, truncated(psi(0)));
    const size = all.length / 4;
    for (let i = 1; i < 4; i++) expect(all.subarray(i * size, (i + 1) * size)).toEqual(all.subarray(0, size));
  });

  it('goes with interpolation', async () => {
    const generator = await open('stylegan3-unfused.ts.op17.onnx');
    const source = { ...DEFAULT_SOURCE, truncation: psi(0.7) };
    const keys = [0, 1].map((seed) => ({ seed, classIndex: null }));
    const walk = await pictures(generator, {
      kind: 'path',
      source,
      keys,
      steps: 5,
      method: 'slerp',
      loop: false,
    });
    const ends = await pictures(generator, truncated(psi(0.7), { count: 2 }));
    const size = ends.length / 2;
    expect(walk.subarray(0, size)).toEqual(ends.subarray(0, size));
    expect(walk.subarray(4 * size)).toEqual(ends.subarray(size));
    expect(walk.subarray(2 * size, 3 * size)).not.toEqual(ends.subarray(0, size));
  });

  it('comes on top of the file’s own, which is said', async () => {
    const generator = await open('stylegan2-psi07.dynamo.op20.b1.onnx');
    expect(generator.warnings).toContain(
      'The file itself truncates with ψ = 0.7; the slider’s ψ comes on top.',
    );
    const partly = await open('stylegan2-cutoff.ts.op16.b1.onnx');
    expect(partly.warnings.join()).toContain('ψ = 0.7 in some of its layers');
    const input = await open('stylegan2-psi.ts.op14.b1.onnx');
    expect(input.warnings.join()).not.toContain('truncates');
  });

  it('is refused without a mapping network, and in copied Python', async () => {
    const plan = truncated(psi(0.7));
    const generator = await open('dcgan.ts.op11.onnx');
    expect(generator.mapping).toBeNull();
    await expect(pictures(generator, plan)).rejects.toMatchObject({
      code: 'input.invalid',
      message: expect.stringContaining('no mapping network'),
    });
    const model = { path: path.join(MODELS, 'stylegan3.ts.op11.b1.onnx') };
    const context = { models, signal: never, report: () => undefined };
    await expect(latentCode({ model, plan }, context)).rejects.toMatchObject({ code: 'input.invalid' });
    const whole = await latentCode({ model, plan: truncated(psi(1)) }, context);
    expect(whole.text).toContain('InferenceSession');
  });

  it('is what --truncation means where there is a mapping network and no input of its own', async () => {
    const asked = async (file: string, mode?: string) =>
      samplePlan(await open(file), { truncation: '0.7', 'truncation-mode': mode }, []).source.truncation;
    expect(await asked('stylegan3.ts.op11.b1.onnx')).toEqual({ mode: 'psi', psi: 0.7 });
    expect(await asked('stylegan2-psi.ts.op14.b1.onnx')).toEqual({ mode: 'input', value: 0.7 });
    expect(await asked('stylegan2-psi.ts.op14.b1.onnx', 'psi')).toEqual({ mode: 'psi', psi: 0.7 });
    expect(await asked('dcgan.ts.op11.onnx')).toEqual({ mode: 'resample', threshold: 0.7 });
    await expect(asked('dcgan.ts.op11.onnx', 'psi')).rejects.toMatchObject({ code: 'input.invalid' });
  });
});

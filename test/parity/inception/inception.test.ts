/** The Inception that is built here against the originals with the same weights, and their ways of resizing. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FloatResizer } from '../../../src/algorithms/images/floatResize.ts';
import { type Extractor, openExtractor } from '../../../src/engine/extractor/extractor.ts';
import { setUpInception } from '../../../src/engine/inception/setUp.ts';
import { inceptionWeights } from '../../../src/onnx/inception/graph.ts';
import type { ExtractorRef, ResizeMode } from '../../../src/shared/scores/scores.ts';
import { picture, tensor } from './rule.ts';
import { type Saved, writeTorchZip } from './torchWriter.ts';

const HERE = import.meta.dirname;
const about = JSON.parse(fs.readFileSync(path.join(HERE, 'reference.json'), 'utf8')) as {
  sizes: [number, number][];
  step: number;
  arrays: Record<string, [number, number]>;
};
const blob = gunzipSync(fs.readFileSync(path.join(HERE, 'reference.bin.gz')));
const values = new Float32Array(blob.buffer.slice(blob.byteOffset, blob.byteOffset + blob.length));
const MODES = ['tf1', 'torch', 'clean'] as const;

function reference(name: string): Float32Array {
  const [at, length] = about.arrays[name] as [number, number];
  return values.subarray(at, at + length);
}

/** Largest difference over the largest value. */
function relative(found: Float32Array, wanted: Float32Array): number {
  expect(found.length).toBe(wanted.length);
  let most = 0;
  let size = 0;
  for (let i = 0; i < wanted.length; i++) {
    most = Math.max(most, Math.abs((found[i] as number) - (wanted[i] as number)));
    size = Math.max(size, Math.abs(wanted[i] as number));
  }
  return most / size;
}

let folder = '';
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'genscope inception '));
  const file = path.join(folder, 'weights.pth');
  await writeTorchZip(file, stateDict());
  const options = { file, folder: path.join(folder, 'inception'), report: () => {} };
  await setUpInception({ ...options, signal: new AbortController().signal });
  fs.rmSync(file);
}, 120_000);
afterAll(async () => {
  for (const extractor of open.values()) await (await extractor).release();
  fs.rmSync(folder, { recursive: true, force: true });
});
const open = new Map<string, Promise<Extractor>>();

function stateDict(): Saved[] {
  const saved = (name: string, shape: readonly number[]) => ({ name, shape, values: tensor(name, shape) });
  return inceptionWeights().flatMap(({ layer, role, shape }) => {
    if (role === 'matrix') return [saved('fc.weight', shape), saved('fc.bias', shape.slice(0, 1))];
    if (role === 'weight') return [saved(`${layer}.conv.weight`, shape)];
    return ['weight', 'bias', 'running_mean', 'running_var'].map((name) =>
      saved(`${layer}.bn.${name}`, shape),
    );
  });
}

async function extract(index: number, more: Partial<ExtractorRef>) {
  const key = JSON.stringify(more);
  const opening =
    open.get(key) ?? openExtractor({ path: path.join(folder, 'inception'), ...more }, { threads: 0 });
  open.set(key, opening);
  const extractor = await opening;
  const [height, width] = about.sizes[index] as [number, number];
  const data = picture(index, [height, width]);
  return extractor.extract({ count: 1, width, height, data });
}

describe.each(about.sizes.map((size, index) => ({ size, index })))('pictures of $size', ({ size, index }) => {
  it.each(MODES)('are resized as the original of %s does it, within 1e-2 of 255', (mode) => {
    const out = new Float32Array(3 * 299 * 299);
    new FloatResizer(mode, size, [299, 299]).write(picture(index, size), out, 0);
    const wanted = reference(`${mode}.${index}.resized`);
    let most = 0;
    wanted.forEach((value, i) => {
      most = Math.max(most, Math.abs(value - (out[i * about.step] as number)));
    });
    expect(most).toBeLessThan(1e-2);
  });

  it.each(MODES)('give the pool features of the original, resized by %s', async (mode: ResizeMode) => {
    const { features } = await extract(index, { resize: mode });
    expect(relative(features, reference(`${mode}.${index}.features`))).toBeLessThan(1e-4);
  });

  it('give its logits, without the bias', async () => {
    const { logits } = await extract(index, { resize: 'tf1' });
    expect(relative(logits, reference(`tf1.${index}.logits`))).toBeLessThan(1e-4);
  });
});

it.each([
  ['MaxPool_1', '64'],
  ['MaxPool_2', '192'],
  ['Mixed_6e', '768'],
])('the mean over the cells of %s is torch-fidelity’s “%s”', async (layer, name) => {
  const { features, logits } = await extract(0, { layer });
  expect(relative(features, reference(`tf1.0.${name}`))).toBeLessThan(1e-4);
  expect(logits.length).toBe(1008);
});

/**
 * Ablation, scaling and insertion against the framework's own forward hooks (make_reference.py), live and baked into a
 * file that is run as it is.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planLatents } from '../../../src/algorithms/latent/plan.ts';
import { bakeToFile } from '../../../src/engine/edits/bakeFile.ts';
import type { EditedSource } from '../../../src/engine/edits/editedSampling.ts';
import { editable } from '../../../src/engine/edits/open.ts';
import { editedLayers } from '../../../src/engine/edits/stack.ts';
import type { Generator } from '../../../src/engine/generator/generator.ts';
import { Models } from '../../../src/engine/models/models.ts';
import { openModelFile } from '../../../src/engine/open/modelFile.ts';
import { Session } from '../../../src/engine/runtime/session.ts';
import { requestOf } from '../../../src/engine/samples/sampling.ts';
import type { Edit } from '../../../src/shared/edits/edits.ts';
import { DEFAULT_SOURCE, type LatentPlan } from '../../../src/shared/samples/latents.ts';
import { maxDifference, report } from '../latent/reference.ts';
import made from './reference.json' with { type: 'json' };

const ROOT = path.resolve(import.meta.dirname, '../../..');
const ZOO = path.join(ROOT, 'test', 'fixtures', 'zoo');
const TOLERANCE = 1e-5;

/** Sample 0 of the zoo: seed 0, and its class, (3 · 0 + 1) mod 7. */
const plan: LatentPlan = { kind: 'seeds', source: DEFAULT_SOURCE, seed: 0, count: 1, classes: 1 };

const FILES: Readonly<Record<string, string>> = {
  dcgan: 'dcgan.ts.op13.onnx',
  sagan: 'sagan.ts.op11.onnx',
  'stylegan2-nonoise': 'stylegan2-nonoise.ts.op21.b1.onnx',
};

type Case = (typeof made.cases)[number];
type HookEdit = Case['edits'][number];

const zoo = JSON.parse(fs.readFileSync(path.join(ZOO, 'zoo.json'), 'utf8')) as {
  readonly files: readonly {
    readonly file: string;
    readonly layerTensors: Readonly<Record<string, string>>;
  }[];
};

let models: Models;
let folder: string;
beforeAll(() => {
  models = new Models({ threads: 1 });
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'genscope-parity-'));
});
afterAll(async () => {
  await models.releaseAll();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** The hook as an edit: what it says of a unit, and of places. */
function asEdit(hook: HookEdit, { layers }: EditedSource, file: string, id: string): Edit {
  const tensors = zoo.files.find((one) => one.file === `models/${file}`)?.layerTensors;
  const layer = layers.find(({ tensor }) => tensor === tensors?.[hook.module]);
  if (!layer) throw new Error(`${file}: ${hook.module} is not among the layers`);
  const { factor, value } = hook as { factor?: number; value?: number };
  const [height, width] = layer.resolution;
  const weights = Array.from({ length: height * width }, (_, cell) => {
    const [y, x] = [Math.floor(cell / width), cell % width];
    if (y < 1 || x < 1 || y > 3 || x > 3) return 0;
    return y < 3 && x < 3 ? 1 : 0.5;
  });
  return {
    ...{ id, name: hook.kind, layer: layer.name, tensor: layer.tensor, strength: 1, muted: false },
    intent: { kind: 'scale', factor: factor ?? 0 },
    units: hook.units.map((unit) => ({ unit, scale: factor ?? 0, shift: value ?? 0 })),
    region: hook.kind === 'insert' ? { height, width, weights } : null,
    samples: null,
  };
}

function requestFor(generator: Generator) {
  return requestOf(planLatents(plan, generator.latentSize, generator.classes), plan, 0, 1, 'zero');
}

async function live(
  { generator, edited, layers }: EditedSource,
  edits: readonly Edit[],
): Promise<Float32Array> {
  const stack = editedLayers(edits, layers, [null]);
  const run = { samples: 'sample 0', request: requestFor(generator), stack, psi: 1 };
  for await (const { image } of edited.run(run)) return image.data as Float32Array;
  throw new Error('no image');
}

/** The exported file in a session of its own, as any program would run it. */
async function baked(
  file: string,
  { generator, layers }: EditedSource,
  edits: readonly Edit[],
): Promise<Float32Array> {
  const target = path.join(folder, `${edits.length}-${path.basename(file)}`);
  const signal = new AbortController().signal;
  await bakeToFile(openModelFile({ path: file }), edits, layers, target, signal);
  const session = await Session.fromFile(target, { threads: 1, optimize: 'all' });
  try {
    const outputs = await session.run(generator.feedsOf(session.inputs, requestFor(generator)));
    return outputs[generator.imageName]?.data as Float32Array;
  } finally {
    await session.release();
  }
}

const reference = fs.readFileSync(path.join(import.meta.dirname, 'reference.bin'));

function framework({ offset, kept }: Case): Float32Array {
  const count = kept.reduce((product, size) => product * size, 1);
  return Float32Array.from({ length: count }, (_, i) => reference.readFloatLE(offset + 4 * i));
}

/** Every `stride`-th row and column, as the reference keeps them. */
function kept(image: Float32Array, { shape, stride, kept: [, channels = 0, rows = 0, columns = 0] }: Case) {
  const [, , height = 0, width = 0] = shape;
  expect(image.length).toBe(channels * height * width);
  return Float32Array.from({ length: channels * rows * columns }, (_, i) => {
    const [channel, y] = [Math.floor(i / (rows * columns)), Math.floor(i / columns) % rows];
    return image[(channel * height + y * stride) * width + (i % columns) * stride] as number;
  });
}

describe.each(made.cases.map((one) => [`${one.variant}: ${one.name}`, one] as const))('%s', (name, one) => {
  it('equals the forward hooks, live and baked', async () => {
    const file = FILES[one.variant] ?? '';
    const model = path.join(ZOO, 'models', file);
    const source = await editable(models, { path: model });
    const edits = one.edits.map((hook, i) => asEdit(hook, source, file, `e${i}`));
    const expected = framework(one);
    const untouched = maxDifference(kept(await live(source, []), one), expected);
    // An edit that does nothing would pass for nothing.
    expect(untouched).toBeGreaterThan(0.05);
    const image = await live(source, edits);
    const inFile = await baked(model, source, edits);
    report(`${name}, live and the framework`, maxDifference(kept(image, one), expected));
    report(`${name}, baked and live`, maxDifference(inFile, image));
    expect(maxDifference(kept(image, one), expected)).toBeLessThanOrEqual(TOLERANCE);
    expect(maxDifference(inFile, image)).toBeLessThanOrEqual(TOLERANCE);
  });
});

/** Graphs that keep their channels last: JAX's and Keras's exports, ConvNeXt blocks. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planLatents } from '../../src/algorithms/latent/plan.ts';
import { activity, unitPictures } from '../../src/engine/dissect/units.ts';
import { bake } from '../../src/engine/edits/bake.ts';
import { editCode } from '../../src/engine/edits/editCode.ts';
import { sampleEdited } from '../../src/engine/edits/editedSampling.ts';
import { editable } from '../../src/engine/edits/open.ts';
import { unitValues } from '../../src/engine/effects/unitValues.ts';
import type { Generator } from '../../src/engine/generator/generator.ts';
import { LayerSession } from '../../src/engine/generator/layerSession.ts';
import { describe as describeModel } from '../../src/engine/models/describe.ts';
import { Models } from '../../src/engine/models/models.ts';
import { openModelFile } from '../../src/engine/open/modelFile.ts';
import { asNumbers } from '../../src/engine/pictures/pixels.ts';
import { Session } from '../../src/engine/runtime/session.ts';
import { requestOf, samplePictures } from '../../src/engine/samples/sampling.ts';
import { serialize } from '../../src/onnx/open.ts';
import { copyMessage } from '../../src/onnx/proto.ts';
import { makeNode, withGraph } from '../../src/onnx/surgery/build.ts';
import { expose } from '../../src/onnx/surgery/expose.ts';
import { parseEditFile } from '../../src/shared/edits/editFile.ts';
import type { Edit } from '../../src/shared/edits/edits.ts';
import { DEFAULT_SOURCE } from '../../src/shared/samples/latents.ts';
import { dissected } from '../engine/support/dissection.ts';
import { weight } from '../unit/onnx/support.ts';

const FIXTURES = path.join(import.meta.dirname, '..', 'fixtures', 'field', 'channels-last');
// Graphs written by hand refer to the weights of the file beside them.
const FOLDER = fs.mkdtempSync(path.join(os.tmpdir(), 'genscope-field-'));
const JAX = path.join(FOLDER, 'jax.onnx');
const CONVNEXT = path.join(FOLDER, 'convnext.onnx');
const COUNT = 3;
const plan = { kind: 'seeds', source: DEFAULT_SOURCE, seed: 5, count: COUNT, classes: 'all' } as const;
const signal = new AbortController().signal;

let models: Models;
beforeAll(() => {
  models = new Models({ threads: 1 });
  fs.cpSync(FIXTURES, FOLDER, { recursive: true });
});
afterAll(async () => {
  await models.releaseAll();
  fs.rmSync(FOLDER, { recursive: true, force: true });
});

const context = () => ({ models, signal, report: () => undefined });

async function layersOf(file: string) {
  const { layers, warnings } = await describeModel({ model: { path: file }, depth: 'full' }, context());
  return { layers: layers ?? [], warnings };
}

const latentsOf = (generator: Generator) =>
  requestOf(planLatents(plan, generator.latentSize, generator.classes), plan, 0, COUNT, 'random');

/** Outputs of a graph for the plan's latents, by the runtime alone. */
async function run(file: string, tensors: readonly string[], change: (m: Model) => Model = (m) => m) {
  const generator = await models.generator({ path: file });
  const { opened } = openModelFile({ path: file });
  const session = await Session.unfused(serialize(change(expose(opened.model, tensors))), FOLDER, {
    threads: 1,
  });
  const outputs = await session.run(generator.feedsOf(session.inputs, latentsOf(generator)));
  await session.release();
  return outputs;
}
type Model = ReturnType<typeof openModelFile>['opened']['model'];

/** `tensor` multiplied by a constant where all its readers read it: written by hand, to check the tool's surgery by. */
function multiplied(model: Model, tensor: string, dims: readonly number[], values: readonly number[]): Model {
  const node = (model.graph?.node ?? []).flatMap((one) => {
    if (!one.output.includes(tensor)) return [one];
    const output = one.output.map((name) => (name === tensor ? 'by_hand' : name));
    return [copyMessage(one, { output }), makeNode('Mul', ['by_hand', 'by_hand_k'], [tensor])];
  });
  const initializer = [...(model.graph?.initializer ?? []), weight('by_hand_k', dims, values)];
  return withGraph(model, { node, initializer });
}

const switchedOff = (units: number, off: number) =>
  Array.from({ length: units }, (_, i) => (i === off ? 0 : 1));

function edit(layer: string, tensor: string, unit: number, more: Partial<Edit> = {}): Edit {
  return {
    ...{ id: 'e', name: 'off', layer, tensor, strength: 1, muted: false, region: null, samples: null },
    ...{ intent: { kind: 'ablate', to: 'zero' }, units: [{ unit, scale: 0, shift: 0 }] },
    ...more,
  };
}

async function pixelsOf(batches: AsyncIterable<{ pictures: { data: Uint8Array } }>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const { pictures } of batches) parts.push(pictures.data);
  return Buffer.concat(parts);
}

async function pixels(file: string): Promise<Buffer> {
  return pixelsOf(samplePictures(await models.generator({ path: file }), plan, { signal }));
}

async function edited(file: string, edits: readonly Edit[]): Promise<Buffer> {
  return pixelsOf(sampleEdited(await editable(models, { path: file }), plan, edits, { signal }));
}

/** The pictures of a graph with `tensor` multiplied by hand. */
async function byHand(file: string, tensor: string, dims: readonly number[], values: readonly number[]) {
  const target = path.join(FOLDER, `by-hand-${tensor.replaceAll('/', '_')}-${dims.join('x')}.onnx`);
  const { opened } = openModelFile({ path: file });
  fs.writeFileSync(target, serialize(multiplied(opened.model, tensor, dims, values)));
  return pixels(target);
}

/** Pixels of 0…255: two graphs of the same arithmetic may differ in the last bit before rounding. */
function furthest(a: Buffer, b: Buffer): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0);
}

function expectClose(found: ArrayLike<number>, right: readonly number[]): void {
  expect(found.length).toBe(right.length);
  for (const [i, value] of right.entries()) expect(found[i]).toBeCloseTo(value, 4);
}

describe('the listing', () => {
  it('a JAX export', async () => {
    const { layers, warnings } = await layersOf(JAX);
    expect(layers.map(({ name, units, resolution }) => [name, units, ...resolution])).toEqual([
      ['leakyrelu1', 16, 8, 8],
      ['leakyrelu2', 12, 16, 16],
    ]);
    expect(layers.map(({ shape, channelAxis }) => [...shape, channelAxis])).toEqual([
      [1, 8, 8, 16, 3],
      [1, 16, 16, 12, 3],
    ]);
    expect(warnings.filter((text) => text.includes('channels'))).toEqual([]);
  });

  it('ConvNeXt blocks, whose insides have their channels last', async () => {
    const { layers } = await layersOf(CONVNEXT);
    for (const { name, units, resolution, channelAxis, shape } of layers) {
      const [, ...sizes] = shape;
      const order = channelAxis === 1 ? [units, ...resolution] : [...resolution, units];
      expect([name, ...sizes]).toEqual([name, ...order]);
      expect(units % 24, name).toBe(0);
      expect(resolution[0], name).toBe(resolution[1]);
    }
    expect(layers.map(({ name, units, resolution }) => [name, units, ...resolution])).toEqual([
      ['b1', 24, 8, 8],
      ['b2', 24, 16, 16],
    ]);
  });
});

describe.each([
  ['JAX', JAX, 'r0'],
  ['ConvNeXt', CONVNEXT, '/b2/Mul_1_output_0'],
])('%s: channels, not rows', (_name, file, tensor) => {
  async function raw() {
    const value = (await run(file, [tensor]))[tensor];
    if (value === undefined) throw new TypeError('The tensor was not given out.');
    const [n = 0, h = 0, w = 0, units = 0] = value.shape;
    const data = asNumbers(value.data, value.dtype);
    const at = (i: number, unit: number, y: number, x: number) =>
      data[((i * h + y) * w + x) * units + unit] as number;
    return { n, h, w, units, at };
  }

  it('feature maps leave as [N, C, h, w]', async () => {
    const { n, h, w, units, at } = await raw();
    const generator = await models.generator({ path: file });
    const session = await LayerSession.open(generator, [{ tensor, channelAxis: 3 }], false);
    let first = 0;
    for await (const part of session.run(latentsOf(generator))) {
      expect(part.shapes[0]).toEqual([part.count, units, h, w]);
      const wanted: number[] = [];
      for (let i = first; i < first + part.count; i++)
        for (let unit = 0; unit < units; unit++)
          for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) wanted.push(at(i, unit, y, x));
      const off = Array.from(part.maps[0] ?? [], (value, i) => Math.abs(value - (wanted[i] as number)));
      expect(off.length).toBe(wanted.length);
      expect(Math.max(...off)).toBeLessThan(1e-4);
      first += part.count;
    }
    expect(first).toBe(n);
    await session.release();
  });

  it('what units do, and their maps', async () => {
    const { n, h, w, units, at } = await raw();
    const model = { path: file };
    const { stamp } = await describeModel({ model, depth: 'quick' }, context());
    const found = await activity({ model, stamp, tensor, plan, k: 2 }, context());
    const means = Array.from({ length: units }, (_, unit) => {
      let sum = 0;
      for (let i = 0; i < n; i++)
        for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) sum += at(i, unit, y, x);
      return sum / (n * h * w);
    });
    expect(found.mean.length).toBe(units);
    expectClose(found.mean, means);
    const shown = await unitPictures({ model, stamp, tensor, plan, units: [3, 3, 5], maxSide: 0 }, context());
    expect([shown.height, shown.width]).toEqual([h, w]);
    expect(shown.maps[2 * h * w + 1]).toBeCloseTo(at(2, 5, 0, 1), 4);
    const values = await unitValues(
      {
        ...{ model, stamp, tensor, source: plan.source, seed: plan.seed, samples: COUNT, quantile: 0.5 },
        ...{ segmenter: null, concepts: [] },
      },
      context(),
    );
    expectClose(values.mean, means);
  });

  it('an edit switches a channel off: live, baked and as code', async () => {
    const { units, h, w } = await raw();
    const off = edit('x', tensor, 3);
    const right = await byHand(file, tensor, [1, 1, 1, units], switchedOff(units, 3));
    expect(furthest(right, await pixels(file))).toBeGreaterThan(1);
    expect(furthest(await edited(file, [off]), right)).toBeLessThan(2);
    const target = path.join(FOLDER, `${path.basename(file)}.baked.onnx`);
    await bake({ model: { path: file }, edits: [off], target }, context());
    expect(furthest(await pixels(target), right)).toBeLessThan(2);
    const { text } = await editCode({ model: { path: file }, plan, edits: [off] }, context());
    expect(text).toContain(`"shape": (${units}, ${h}, ${w}), "type": "FLOAT", "axis": 3,`);
    expect(text).toContain('A, B = (np.moveaxis(x, 1, 3) for x in (A, B))');
  });

  it('an edit of a region is at its place', async () => {
    const { units, h, w } = await raw();
    const weights = Array.from({ length: h * w }, (_, i) => (i % w > w / 2 && i < (h / 2) * w ? 1 : 0));
    const off = edit('x', tensor, 3, { region: { height: h, width: w, weights } });
    const factors = weights.flatMap((share) =>
      Array.from({ length: units }, (_, unit) => (unit === 3 ? 1 - share : 1)),
    );
    const right = await byHand(file, tensor, [1, h, w, units], factors);
    expect(furthest(await edited(file, [off]), right)).toBeLessThan(2);
    const target = path.join(FOLDER, `${path.basename(file)}.region.onnx`);
    await bake({ model: { path: file }, edits: [off], target }, context());
    expect(furthest(await pixels(target), right)).toBeLessThan(2);
  });
});

it('the edit of the report, by the name that a person sees', async () => {
  const { edits } = parseEditFile(fs.readFileSync(path.join(FOLDER, 'e.json'), 'utf8'));
  const right = await byHand(JAX, 'r0', [1, 1, 1, 16], switchedOff(16, 3));
  expect(furthest(await edited(JAX, edits), right)).toBeLessThan(2);
});

it('a dissection is that of the same maps with their channels first', async () => {
  const of = async (layer: string) => {
    const { dissection } = await dissected({
      ...{ models, model: { path: JAX } },
      settings: { layers: [layer], samples: 24 },
    });
    return dissection.layers[0];
  };
  const last = await of('leakyrelu1');
  // What a Transpose makes of the layer, by the name of its tensor.
  const first = await of('n1');
  expect(last?.units.length).toBe(16);
  expect(last?.resolution).toEqual([8, 8]);
  expect({ ...last, layer: '', tensor: '' }).toEqual({ ...first, layer: '', tensor: '' });
});

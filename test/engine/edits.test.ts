/** A generator under edits gives what the whole graph with the same edits gives, and runs no more of it than it has to. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planLatents } from '../../src/algorithms/latent/plan.ts';
import { EditedGenerator } from '../../src/engine/edits/editedGenerator.ts';
import { sampleEdited } from '../../src/engine/edits/editedSampling.ts';
import { editedLayers } from '../../src/engine/edits/stack.ts';
import type { Generator } from '../../src/engine/generator/generator.ts';
import { Models } from '../../src/engine/models/models.ts';
import { type FoundLayers, layersIn } from '../../src/engine/open/layers.ts';
import { asNumbers } from '../../src/engine/pictures/pixels.ts';
import { requestOf } from '../../src/engine/samples/sampling.ts';
import { intervene } from '../../src/onnx/surgery/intervene.ts';
import type { Edit } from '../../src/shared/edits/edits.ts';
import type { LayerDescription } from '../../src/shared/generator/model.ts';
import { DEMO, ROOT, seeds } from './support/engine.ts';

const ZOO = path.join(ROOT, 'test', 'fixtures', 'zoo', 'models');
const COUNT = 3;

interface Subject {
  readonly generator: Generator;
  readonly found: FoundLayers;
  readonly layers: readonly LayerDescription[];
  readonly edited: EditedGenerator;
}

let models: Models;
beforeAll(() => {
  models = new Models({ threads: 1 });
});
afterAll(() => models.releaseAll());

async function subject(file: string): Promise<Subject> {
  const ref = { path: file };
  const generator = await models.generator(ref);
  const found = await layersIn(generator);
  return { generator, found, layers: found.all, edited: new EditedGenerator(generator, found.shapes) };
}

function edit(layer: LayerDescription, more: Partial<Edit> = {}): Edit {
  return {
    ...{ id: 'e', name: 'edit', layer: layer.name, tensor: layer.tensor, strength: 1, muted: false },
    intent: { kind: 'ablate', to: 'zero' },
    units: Array.from({ length: Math.ceil(layer.units / 3) }, (_, i) => ({
      ...{ unit: i * 3, scale: 0.25, shift: 0.5 },
    })),
    ...{ region: null, samples: null },
    ...more,
  };
}

const plan = seeds(COUNT);

function requestFor(generator: Generator) {
  const planned = planLatents(plan, generator.latentSize, generator.classes);
  return requestOf(planned, plan, 0, COUNT, 'random');
}

const keysOf = (generator: Generator) =>
  Array.from({ length: COUNT }, (_, seed) => ({
    seed,
    classIndex: generator.classes > 0 ? seed % generator.classes : null,
  }));

function append(values: number[], more: ArrayLike<number>): void {
  for (let i = 0; i < more.length; i++) values.push(more[i] as number);
}

async function picture({ generator, layers, edited }: Subject, edits: readonly Edit[], psi = 1) {
  const stack = editedLayers(edits, layers, keysOf(generator));
  const values: number[] = [];
  const run = { samples: 'these', request: requestFor(generator), stack, psi };
  for await (const { image } of edited.run(run)) append(values, asNumbers(image.data, image.dtype));
  return values;
}

/** The whole graph with A and B at every edited layer, one sample at a time. */
async function wholeGraph({ generator, layers }: Subject, edits: readonly Edit[], psi = 1) {
  const stack = editedLayers(edits, layers, keysOf(generator));
  const { model, extra } = generator.graphAt(psi);
  const { model: edited, interventions } = intervene(
    model,
    stack.map(({ tensor }) => tensor),
  );
  const session = await generator.open(edited);
  const values: number[] = [];
  for (let i = 0; i < COUNT; i++) {
    const planned = planLatents(plan, generator.latentSize, generator.classes);
    const added = new Set([
      ...Object.keys(extra),
      ...interventions.flatMap(({ scale, shift }) => [scale, shift]),
    ]);
    const own = session.inputs.filter(({ name }) => !added.has(name));
    const feeds = { ...generator.feedsOf(own, requestOf(planned, plan, i, 1, 'random')), ...extra };
    stack.forEach(({ affine: { shape, scale, shift } }, k) => {
      const [rows, units, h, w] = shape;
      const size = units * h * w;
      const row = rows > 1 ? i : 0;
      const at = (data: Float32Array) => ({
        dtype: 'float32',
        shape: [1, units, h, w],
        data: data.slice(row * size, (row + 1) * size),
      });
      feeds[interventions[k]?.scale ?? ''] = at(scale);
      feeds[interventions[k]?.shift ?? ''] = at(shift);
    });
    const outputs = await session.run(feeds);
    const image = outputs[generator.imageName];
    append(values, asNumbers(image?.data ?? new Float32Array(), image?.dtype ?? 'float32'));
  }
  await session.release();
  return values;
}

function furthest(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  let largest = 1;
  let most = 0;
  a.forEach((value, i) => {
    const other = b[i] as number;
    largest = Math.max(largest, Math.abs(other));
    most = Math.max(most, Math.abs(value - other));
  });
  return most / largest;
}

/** A soft patch in one corner. */
function corner({ resolution: [height, width] }: LayerDescription) {
  const weights = Array.from({ length: height * width }, (_, i) =>
    i % width < 2 && i < 2 * width ? 0.75 : 0,
  );
  return { height, width, weights };
}

const FILES: Readonly<Record<string, string>> = {
  'the demo generator': DEMO,
  'a StyleGAN2 run one by one, with noise': path.join(ZOO, 'stylegan2.ts.op11.b1.onnx'),
  'a BigGAN with attention': path.join(ZOO, 'biggan-onehot.ts.op20.onnx'),
  'a half-precision WGAN-GP': path.join(ZOO, 'wgan-gp-resnet.ts.op14.fp16.io32.onnx'),
  'a FastGAN with skips': path.join(ZOO, 'fastgan.ts.op11.onnx'),
};

describe.each(Object.entries(FILES))('%s', (name, file) => {
  const tolerance = name.includes('half') ? 2e-2 : 2e-5;

  it('edits of one layer, of several, in regions and in chosen samples are those of the whole graph', async () => {
    const one = await subject(file);
    const { layers, generator } = one;
    const first = layers[0] as LayerDescription;
    const middle = layers[Math.floor(layers.length / 2)] as LayerDescription;
    const last = layers.at(-1) as LayerDescription;
    const stacks: readonly (readonly Edit[])[] = [
      [edit(middle)],
      [edit(middle, { strength: 0.5 }), edit(last, { id: 'f' })],
      [edit(first), edit(middle, { region: corner(middle) }), edit(middle, { id: 'g', strength: 0.3 })],
      [edit(middle, { samples: keysOf(generator).slice(1, 2) })],
    ];
    for (const stack of stacks)
      expect(furthest(await picture(one, stack), await wholeGraph(one, stack))).toBeLessThan(tolerance);
    const untouched = await picture(one, []);
    expect(furthest(untouched, await picture(one, [edit(middle)]))).toBeGreaterThan(1e-3);
    expect(await picture(one, [edit(middle, { muted: true })])).toEqual(untouched);
  });
});

describe('an edit of chosen samples', () => {
  it.each(['a StyleGAN2 run one by one, with noise', 'a BigGAN with attention', 'the demo generator'])(
    'runs them with their own class and noise, and no others: %s',
    async (name) => {
      const one = await subject(FILES[name] ?? '');
      const layer = one.layers[Math.floor(one.layers.length / 2)] as LayerDescription;
      const pixels = async (edits: readonly Edit[]) => {
        const data: Uint8Array[] = [];
        const batches = sampleEdited(one, plan, edits, { signal: new AbortController().signal });
        for await (const { pictures } of batches) data.push(pictures.data);
        const all = Buffer.concat(data);
        const size = all.length / COUNT;
        return Array.from({ length: COUNT }, (_, i) => all.subarray(i * size, (i + 1) * size));
      };
      const plain = await pixels([]);
      const all = await pixels([edit(layer)]);
      const chosen = await pixels([edit(layer, { samples: keysOf(one.generator).slice(1, 2) })]);
      expect([0, 2].map((i) => chosen[i]?.equals(plain[i] as Buffer))).toEqual([true, true]);
      expect(furthestByte(chosen[1], all[1])).toBeLessThanOrEqual(1);
      expect(furthestByte(chosen[1], plain[1])).toBeGreaterThan(3);
    },
  );

  const furthestByte = (a?: Buffer, b?: Buffer) =>
    (a ?? Buffer.alloc(0)).reduce((most, value, i) => Math.max(most, Math.abs(value - (b?.[i] ?? NaN))), 0);
});

describe('a slider', () => {
  it('runs only what comes after its layer', async () => {
    const one = await subject(DEMO);
    const [, shallow, deeper] = one.layers as readonly [unknown, LayerDescription, LayerDescription];
    const at = (strength: number) => [edit(shallow), edit(deeper, { id: 'f', strength })];
    for (const strength of [0.1, 0.2, 0.3, 0.4]) await picture(one, at(strength));
    // The first finds nothing kept; the second shows at which layer the person is.
    expect(one.edited.runs).toEqual({ prefix: 2, suffix: 4 });
    expect(furthest(await picture(one, at(0.4)), await wholeGraph(one, at(0.4)))).toBeLessThan(2e-5);
    // The upstream layer changes: what is kept downstream is of no more use.
    const changed = [edit(shallow, { strength: 0.5 }), edit(deeper, { id: 'f' })];
    expect(furthest(await picture(one, changed), await wholeGraph(one, changed))).toBeLessThan(2e-5);
  });

  it('goes with ψ', async () => {
    const one = await subject(path.join(ZOO, 'stylegan2-unfused.dynamo.op18.onnx'));
    await one.generator.preparePsi(0.5, new AbortController().signal);
    const stack = [edit(one.layers[2] as LayerDescription)];
    const half = await picture(one, stack, 0.5);
    expect(furthest(half, await wholeGraph(one, stack, 0.5))).toBeLessThan(2e-5);
    expect(furthest(half, await picture(one, stack))).toBeGreaterThan(1e-3);
  });

  it('says what an edit of another generator is', async () => {
    const { layers } = await subject(DEMO);
    const [layer] = layers as readonly [LayerDescription];
    const wrong: readonly Edit[] = [
      edit(layer, { tensor: 'elsewhere' }),
      edit(layer, { units: [{ unit: layer.units, scale: 0, shift: 0 }] }),
      edit(layer, { region: { height: 3, width: 3, weights: new Array(9).fill(1) } }),
    ];
    for (const one of wrong)
      expect(() => editedLayers([one], layers, [null])).toThrow(
        expect.objectContaining({ code: 'input.invalid' }),
      );
  });
});

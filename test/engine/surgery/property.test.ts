/** Random graphs through every surgery: they stay valid, run, and say the same. */
import fc from 'fast-check';
import type { ModelProto, NodeProto, TensorProto } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { GraphIndex } from '../../../src/onnx/graph.ts';
import { deserialize } from '../../../src/onnx/proto.ts';
import { planBake } from '../../../src/onnx/surgery/bake.ts';
import { bakedFiles } from '../../../src/onnx/surgery/bakeWriter.ts';
import { FLOAT, floatTensor, int64Tensor, makeNode, makeValue } from '../../../src/onnx/surgery/build.ts';
import { freeBatch } from '../../../src/onnx/surgery/freeBatch.ts';
import { intervene } from '../../../src/onnx/surgery/intervene.ts';
import { pinNoise } from '../../../src/onnx/surgery/pinNoise.ts';
import { split } from '../../../src/onnx/surgery/split.ts';
import { modelOf } from '../../unit/onnx/support.ts';
import { faults } from '../../unit/surgery/support.ts';
import { distance, type Feeds, f32, feedsFor, noise, numbers, run, shapesOf } from './support.ts';

/** One step of a random generator; `a` and `b` choose among the tensors so far, `k` is a width or a constant. */
interface Step {
  readonly op:
    | 'conv'
    | 'up'
    | 'relu'
    | 'leaky'
    | 'norm'
    | 'add'
    | 'mul'
    | 'concat'
    | 'reshape'
    | 'style'
    | 'noise'
    | 'gain';
  readonly a: number;
  readonly b: number;
  readonly k: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  op: fc.constantFrom(
    'conv',
    'conv',
    'up',
    'relu',
    'relu',
    'leaky',
    'norm',
    'add',
    'mul',
    'concat',
    'reshape',
    'style',
    'noise',
    'gain',
  ),
  // Mostly the newest tensors, so that graphs are deep.
  a: fc.nat({ max: 2 }),
  b: fc.nat({ max: 9 }),
  k: fc.integer({ min: 1, max: 4 }),
});
const steps = fc.array(step, { minLength: 2, maxLength: 12 });

interface Built {
  readonly model: ModelProto;
  /** Feature maps: tensors of four dimensions, by channels. */
  readonly maps: readonly { readonly name: string; readonly channels: number }[];
}

class Grower {
  readonly nodes: NodeProto[] = [];
  readonly weights: TensorProto[] = [];
  readonly maps: { name: string; channels: number; size: number }[] = [];
  readonly #batch: boolean;

  constructor(batch: boolean) {
    this.#batch = batch;
    const fc0 = this.weight([12, 32]);
    this.add('MatMul', ['z', fc0], 'fc');
    this.add('Reshape', ['fc', this.shape([this.rows, 2, 4, 4])], 'start');
    this.maps.push({ name: 'start', channels: 2, size: 4 });
  }

  /** What an exporter writes for the batch. */
  get rows(): number {
    return this.#batch ? 1 : -1;
  }

  add(op: string, input: string[], output: string, attributes: Parameters<typeof makeNode>[3] = {}): string {
    this.nodes.push(makeNode(op, input, [output], attributes));
    return output;
  }

  weight(dims: readonly number[], offset = 0): string {
    const name = `w${this.weights.length}`;
    const count = dims.reduce((product, size) => product * size, 1);
    this.weights.push(
      floatTensor(
        name,
        dims,
        noise(count, name).map((value) => value * 0.6 + offset),
      ),
    );
    return name;
  }

  shape(values: readonly number[]): string {
    const name = `s${this.weights.length}`;
    this.weights.push(int64Tensor(name, values));
    return name;
  }

  grow({ op, a, b, k }: Step): void {
    const x = this.maps.at(-1 - (a % this.maps.length)) as (typeof this.maps)[number];
    const out = `t${this.nodes.length}`;
    const done = (channels: number, size = x.size) => this.maps.push({ name: out, channels, size });
    const partner = this.maps.filter(({ channels, size }) => channels === x.channels && size === x.size);
    const y = partner[b % partner.length] as typeof x;
    if (op === 'conv') {
      const pads = [1, 1, 1, 1];
      this.add('Conv', [x.name, this.weight([k, x.channels, 3, 3]), this.weight([k])], out, {
        pads,
        kernel_shape: [3, 3],
      });
      done(k);
    } else if (op === 'up' && x.size < 16) {
      this.weights.push(floatTensor(`${out}/scales`, [4], [1, 1, 2, 2]));
      this.add('Resize', [x.name, '', `${out}/scales`], out);
      done(x.channels, x.size * 2);
    } else if (op === 'relu' || op === 'leaky') {
      this.add(op === 'relu' ? 'Relu' : 'LeakyRelu', [x.name], out);
      done(x.channels);
    } else if (op === 'norm') {
      const [g, s, m, v] = [
        this.weight([x.channels], 1),
        this.weight([x.channels]),
        this.weight([x.channels]),
        this.weight([x.channels], 1),
      ];
      this.add('BatchNormalization', [x.name, g, s, m, v], out);
      done(x.channels);
    } else if (op === 'add' || op === 'mul') {
      this.add(op === 'add' ? 'Add' : 'Mul', [x.name, y.name], out);
      done(x.channels);
    } else if (op === 'concat') {
      const others = this.maps.filter(({ size }) => size === x.size);
      const other = others[b % others.length] as typeof x;
      if (x.channels + other.channels > 12) return;
      // A fixed map beside live ones, now and then.
      const fixed = k === 1 && this.#batch ? [this.weight([1, 1, x.size, x.size])] : [];
      this.add('Concat', [x.name, other.name, ...fixed], out, { axis: 1n });
      done(x.channels + other.channels + fixed.length);
    } else if (op === 'reshape') {
      this.add('Reshape', [x.name, this.shape([this.rows, x.channels * x.size * x.size])], `${out}/flat`);
      this.add('Reshape', [`${out}/flat`, this.shape([this.rows, x.channels, x.size, x.size])], out);
      done(x.channels);
    } else if (op === 'style') {
      this.add('MatMul', ['z', this.weight([12, x.channels])], `${out}/s`);
      this.add('Reshape', [`${out}/s`, this.shape([this.rows, x.channels, 1, 1])], `${out}/style`);
      this.add('Mul', [x.name, `${out}/style`], out);
      done(x.channels);
    } else if (op === 'noise') {
      this.add(k % 2 ? 'RandomNormalLike' : 'RandomUniformLike', [x.name], `${out}/n`);
      this.add('Add', [x.name, `${out}/n`], out);
      done(x.channels);
    } else if (op === 'gain') {
      this.weights.push(floatTensor(`${out}/gain`, [], [k / 2]));
      this.add('Mul', [x.name, `${out}/gain`], out);
      done(x.channels);
    }
  }
}

/** @param batch whether a batch of 1 is baked in */
function build(plan: readonly Step[], batch: boolean): Built {
  const grower = new Grower(batch);
  for (const one of plan) grower.grow(one);
  const last = grower.maps.at(-1) as { name: string; size: number };
  grower.add('Tanh', [last.name], 'image');
  const model = modelOf({
    inputs: [makeValue('z', FLOAT, [batch ? 1 : 'N', 12])],
    outputs: [makeValue('image', FLOAT)],
    nodes: grower.nodes,
    weights: grower.weights,
  });
  const upstream = ancestors(model, 'image');
  return { model, maps: grower.maps.filter(({ name }) => upstream.has(name)) };
}

function ancestors(model: ModelProto, output: string): Set<string> {
  const found = new Set([output]);
  for (const node of (model.graph?.node ?? []).toReversed())
    if (node.output.some((name) => found.has(name))) for (const name of node.input) found.add(name);
  return found;
}

/** Noise pinned, and fed: a graph that says the same twice. */
async function steady(built: Built, rows: number) {
  const { model, noise: inputs, probe } = pinNoise(built.model);
  expect(faults(model)).toEqual([]);
  const z = feedsFor(built.model, { rows });
  const probed = await run(probe, '.', z);
  const shapes = Object.fromEntries(
    inputs.map(({ input, shapeFrom }) => [input, probed[shapeFrom]?.shape ?? []]),
  );
  return { model, feeds: feedsFor(model, { rows, shapes }) };
}

const pick = <T>(items: readonly T[], at: number): T => items[at % items.length] as T;
const runs = { numRuns: 60 };

describe('random graphs', () => {
  it(
    'pinned noise: twice the same',
    () =>
      fc.assert(
        fc.asyncProperty(steps, async (plan) => {
          const { model, feeds } = await steady(build(plan, false), 2);
          const { image } = await run(model, '.', feeds);
          expect(distance((await run(model, '.', feeds)).image, image)).toBe(0);
        }),
        runs,
      ),
    30_000,
  );

  it(
    'split: both halves are the whole, with and without known shapes',
    () =>
      fc.assert(
        fc.asyncProperty(steps, fc.nat(), async (plan, at) => {
          const built = build(plan, false);
          const { model, feeds } = await steady(built, 2);
          const layer = pick(built.maps, at).name;
          const shapes = await shapesOf({ model, folder: '.', name: '' }, feeds);
          const { image } = await run(model, '.', feeds);
          for (const options of [{}, { shapes }]) {
            const { prefix, suffix, crossing } = split(model, layer, options);
            expect([...faults(prefix), ...faults(suffix)]).toEqual([]);
            const between = await run(prefix, '.', feeds);
            expect(Object.keys(between)).toEqual(crossing);
            expect(distance((await run(suffix, '.', { ...feeds, ...between })).image, image)).toBe(0);
          }
        }),
        runs,
      ),
    30_000,
  );

  it(
    'intervene: the identity changes nothing, whatever comes before or after it',
    () =>
      fc.assert(
        fc.asyncProperty(steps, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), async (plan, picks) => {
          const built = build(plan, false);
          const { model, feeds } = await steady(built, 2);
          const layers = [...new Set(picks.map((at) => pick(built.maps, at).name))];
          const { image } = await run(model, '.', feeds);
          const { model: edited, interventions } = intervene(model, layers);
          expect(faults(edited)).toEqual([]);
          const values: Feeds = Object.fromEntries(
            interventions.flatMap(({ scale, shift }) => [
              [scale, f32([1], [1])],
              [shift, f32([], [0])],
            ]),
          );
          expect(distance((await run(edited, '.', { ...feeds, ...values })).image, image)).toBe(0);
          // The same with the cut made below the first of them.
          const { prefix, suffix } = split(edited, layers[0] ?? '');
          const between = await run(prefix, '.', { ...feeds, ...values });
          expect(distance((await run(suffix, '.', { ...feeds, ...values, ...between })).image, image)).toBe(
            0,
          );
        }),
        runs,
      ),
    30_000,
  );

  it(
    'bake: the same as intervene, for any scale and shift',
    () =>
      fc.assert(
        fc.asyncProperty(
          steps,
          fc.nat(),
          fc.array(fc.constantFrom(0, 0.5, 1, 2, -1), { minLength: 12, maxLength: 12 }),
          fc.constantFrom(0, 0.5, -0.25),
          async (plan, at, scales, t) => {
            const built = build(
              plan.filter(({ op }) => op !== 'noise'),
              false,
            );
            const { name: tensor, channels } = pick(built.maps, at);
            const scale = scales.slice(0, channels);
            const shift = scale.map((s, i) => (s === 0 || i % 2 ? t : 0));
            const baked = planBake(built.model, [{ tensor, scale, shift }]);
            expect(faults(baked.model)).toEqual([]);
            const none = () => {
              throw new Error('nothing lies outside');
            };
            const parts: Uint8Array[] = [];
            for await (const part of bakedFiles(baked, none, { dataName: 'x' })[0]?.chunks ?? [])
              parts.push(part);
            const feeds = feedsFor(built.model, { rows: 2 });
            const { image } = await run(deserialize(Buffer.concat(parts)), '.', feeds);
            const shape = [1, channels, 1, 1];
            const values = { genscope_A_0: f32(shape, scale), genscope_B_0: f32(shape, shift) };
            const expected = await run(intervene(built.model, [tensor]).model, '.', { ...feeds, ...values });
            expect(distance(image, expected.image)).toBeLessThanOrEqual(1e-5);
          },
        ),
        runs,
      ),
    30_000,
  );

  it(
    'freeBatch: rows equal runs alone',
    () =>
      fc.assert(
        fc.asyncProperty(steps, async (plan) => {
          const { model } = build(
            plan.filter(({ op }) => op !== 'noise'),
            true,
          );
          const freed = freeBatch(model);
          if ('refused' in freed) throw new Error(freed.refused);
          expect(faults(freed.model)).toEqual([]);
          expect(new GraphIndex(freed.model).inputs[0]?.shape).toEqual(['genscope_batch', 12]);
          const z = noise(36, 'z');
          const all = numbers((await run(freed.model, '.', { z: f32([3, 12], z) })).image);
          for (let i = 0; i < 3; i++) {
            const { image } = await run(model, '.', { z: f32([1, 12], z.slice(12 * i, 12 * i + 12)) });
            const row = all.slice((all.length / 3) * i, (all.length / 3) * (i + 1));
            expect(distance(image, f32(image?.shape ?? [], row))).toBeLessThanOrEqual(1e-5);
          }
        }),
        runs,
      ),
    30_000,
  );
});

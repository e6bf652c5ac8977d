/** Random generators: graphs of what exporters write, of any shape. */
import fc from 'fast-check';
import type { ModelProto, NodeProto, TensorProto } from 'onnx-buf';
import { FLOAT, floatTensor, int64Tensor, makeNode, makeValue } from '../../../src/onnx/surgery/build.ts';
import { modelOf } from '../../unit/onnx/support.ts';
import { noise } from './support.ts';

/** One step of a random generator; `a` and `b` choose among the tensors so far, `k` is a width or a constant. */
export interface Step {
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
export const steps = fc.array(step, { minLength: 2, maxLength: 12 });

export interface Built {
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
export function build(plan: readonly Step[], batch: boolean): Built {
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

export const pick = <T>(items: readonly T[], at: number): T => items[at % items.length] as T;

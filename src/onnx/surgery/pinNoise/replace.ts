/** What stands in for each operator that draws random numbers. */
import type { NodeProto, TensorProto } from 'onnx-buf';
import type { GraphIndex } from '../../graph.ts';
import { floatAttribute, intAttribute, intsAttribute } from '../../proto.ts';
import { FLOAT, floatTensor, int64Tensor, makeNode, type Names } from '../build.ts';
import { typeOf } from '../types.ts';

export interface Site {
  /** The float32 input that brings the numbers. */
  readonly input: string;
  readonly index: GraphIndex;
  readonly types: ReadonlyMap<string, number>;
  readonly names: Names;
}

/** The shape of the numbers: a tensor's, one that is written down, or [rows of a tensor, samples]. */
export type NoiseShape =
  | { readonly like: string }
  | { readonly dims: readonly number[] }
  | { readonly rowsOf: string; readonly samples: number };

export interface Pinned {
  readonly shape: NoiseShape;
  readonly nodes: readonly NodeProto[];
  readonly weights: readonly TensorProto[];
  readonly kind: 'normal' | 'uniform';
  /** What the input is fed with when noise is off. */
  readonly neutral: Neutral;
  readonly parameters: Readonly<Record<string, number>>;
}

/** The middle of the distribution; 1, which no uniform number reaches, switches a Dropout off. */
export type Neutral = 0 | 0.5 | 1;

/** Nodes from `site.input` to the outputs of `node`, for every operator that `randomNodes` lists. */
export function replacementOf(node: NodeProto, site: Site): Pinned {
  const parts = new Parts(site);
  const [output = ''] = node.output;
  const [data = ''] = node.input;
  const shape = data === '' ? { dims: intsAttribute(node, 'shape') } : { like: data };
  switch (node.opType) {
    case 'RandomNormal':
    case 'RandomNormalLike': {
      const mean = floatAttribute(node, 'mean') ?? 0;
      const scale = floatAttribute(node, 'scale') ?? 1;
      parts.affine(scale, mean, typeOf(site.types, output), output);
      return parts.done('normal', shape, { mean, scale });
    }
    case 'RandomUniform':
    case 'RandomUniformLike': {
      const low = floatAttribute(node, 'low') ?? 0;
      const high = floatAttribute(node, 'high') ?? 1;
      parts.affine(high - low, low, typeOf(site.types, output), output);
      return parts.done('uniform', shape, { low, high });
    }
    case 'Bernoulli': {
      const p = parts.cast(data, FLOAT);
      parts.add(
        'Cast',
        [parts.add('Less', [site.input, p])],
        { to: BigInt(typeOf(site.types, output)) },
        output,
      );
      return parts.done('uniform', shape, {});
    }
    case 'Multinomial':
      return multinomial(node, site, parts);
    default:
      return dropout(node, site, parts);
  }
}

/**
 * Inverse of the cumulative distribution: the number of classes whose cumulative probability is at most u. The last
 * class is left out of the count, so that rounding never reaches beyond it.
 *
 *   logits [N, K] ─ Softmax ─ CumSum ─ Slice ─ [N, 1, K−1] ┐
 *                                                          Less, Not, Σ over K ─ k [N, S]
 *   u [N, S] ───────────────────────────────── [N, S, 1] ──┘
 */
function multinomial(node: NodeProto, site: Site, parts: Parts): Pinned {
  const [output = ''] = node.output;
  const samples = intAttribute(node, 'sample_size', 1);
  const probabilities = parts.add('Softmax', [parts.cast(node.input[0] ?? '', FLOAT)], { axis: 1n });
  const one = parts.ints([1]);
  const summed = parts.add('CumSum', [probabilities, parts.scalar(1, 'int')]);
  const all = parts.add('Slice', [summed, parts.ints([0]), parts.ints([-1]), one]);
  const below = parts.unsqueeze(all, 1);
  const drawn = parts.unsqueeze(site.input, 2);
  const reached = parts.add('Not', [parts.add('Less', [drawn, below])]);
  const counted = parts.sum(parts.add('Cast', [reached], { to: BigInt(FLOAT) }), 2);
  parts.add('Cast', [counted], { to: BigInt(intAttribute(node, 'dtype', 6)) }, output);
  return parts.done('uniform', { rowsOf: node.input[0] ?? '', samples }, { samples });
}

/**
 * y = x · mask / (1 − ρ), mask = u ≥ ρ (onnx/defs/nn/defs.cc, Dropout 13). The middle of u would not switch it off, but
 * drop all or nothing and scale what is left; at u = 1 it passes x on, as in inference.
 */
function dropout(node: NodeProto, site: Site, parts: Parts): Pinned {
  const [data = '', ratioInput = ''] = node.input;
  const [output = '', maskOutput = ''] = node.output;
  const ratio = ratioInput === '' ? parts.scalar(0.5) : parts.cast(ratioInput, FLOAT);
  const type = typeOf(site.types, data);
  const mask = parts.add('Not', [parts.add('Less', [site.input, ratio])], {}, maskOutput);
  const kept = parts.add('Cast', [mask], { to: BigInt(FLOAT) });
  const one = parts.scalar(1);
  const scaled = parts.add('Div', [kept, parts.add('Sub', [one, ratio])]);
  const gain = parts.add('Where', [parts.add('Less', [site.input, one]), scaled, one]);
  parts.add(
    'Mul',
    [data, type === FLOAT ? gain : parts.add('Cast', [gain], { to: BigInt(type) })],
    {},
    output,
  );
  const known = ratioInput === '' ? 0.5 : site.index.scalar(ratioInput);
  return { ...parts.done('uniform', { like: data }, known === null ? {} : { ratio: known }), neutral: 1 };
}

/** Nodes and constants of one replacement, in order. */
class Parts {
  readonly #site: Site;
  readonly #nodes: NodeProto[] = [];
  readonly #weights: TensorProto[] = [];

  constructor(site: Site) {
    this.#site = site;
  }

  add(
    opType: string,
    input: readonly string[],
    attributes: Readonly<Record<string, bigint | readonly number[]>> = {},
    output = '',
  ): string {
    const name = output || this.#site.names.fresh(`${this.#site.input}/${opType}`);
    this.#nodes.push(makeNode(opType, input, [name], attributes));
    return name;
  }

  affine(scale: number, offset: number, type: number, output: string): void {
    let current = this.#site.input;
    if (scale !== 1) current = this.add('Mul', [current, this.scalar(scale)]);
    if (offset !== 0) current = this.add('Add', [current, this.scalar(offset)]);
    if (type === FLOAT) this.add('Identity', [current], {}, output);
    else this.add('Cast', [current], { to: BigInt(type) }, output);
  }

  cast(tensor: string, type: number): string {
    if (this.#site.types.get(tensor) === type) return tensor;
    return this.add('Cast', [tensor], { to: BigInt(type) });
  }

  scalar(value: number, kind: 'float' | 'int' = 'float'): string {
    if (kind === 'float') return this.#weight((name) => floatTensor(name, [], [value]));
    return this.#weight((name) => Object.assign(int64Tensor(name, [value]), { dims: [] }));
  }

  ints(values: readonly number[]): string {
    return this.#weight((name) => int64Tensor(name, values));
  }

  /** Axes became an input with opset 13. */
  unsqueeze(tensor: string, axis: number): string {
    return this.#site.index.opset < 13
      ? this.add('Unsqueeze', [tensor], { axes: [axis] })
      : this.add('Unsqueeze', [tensor, this.ints([axis])]);
  }

  sum(tensor: string, axis: number): string {
    return this.#site.index.opset < 13
      ? this.add('ReduceSum', [tensor], { axes: [axis], keepdims: 0n })
      : this.add('ReduceSum', [tensor, this.ints([axis])], { keepdims: 0n });
  }

  done(kind: Pinned['kind'], shape: NoiseShape, parameters: Pinned['parameters']): Pinned {
    const neutral = kind === 'normal' ? 0 : 0.5;
    return { nodes: this.#nodes, weights: this.#weights, kind, neutral, shape, parameters };
  }

  #weight(make: (name: string) => TensorProto): string {
    const name = this.#site.names.fresh(`${this.#site.input}/constant`);
    this.#weights.push(make(name));
    return name;
  }
}

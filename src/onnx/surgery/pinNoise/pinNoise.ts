/** Surgery: chance inside the graph becomes an input, so that a sample is a function of its seed (EXPORTS.md, rules 14, 15). */
import type { ModelProto, NodeProto, TensorProto, ValueInfoProto } from 'onnx-buf';
import { GraphIndex } from '../../graph.ts';
import { randomNodes } from '../../noise.ts';
import { isStandard } from '../../proto.ts';
import { FLOAT, graphOf, graphsOf, makeValue, Names, subgraphs, withGraph } from '../build.ts';
import { expose } from '../expose.ts';
import { prune } from '../prune.ts';
import { elementTypes } from '../types.ts';
import { steadyNoise } from './probe.ts';
import { type Neutral, replacementOf } from './replace.ts';

/** One source of chance, now an input of type float32 that wants standard normal numbers, or uniform ones in [0, 1). */
export interface PinnedNoise {
  /** `genscope_noise_0`, in graph order. */
  readonly input: string;
  /** The node that drew it, as `randomNodes` lists it. */
  readonly node: string;
  readonly op: string;
  readonly kind: 'normal' | 'uniform';
  /** What the input is fed with when noise is off. */
  readonly neutral: Neutral;
  /** What the graph makes of it, for people: mean and scale, low and high, ratio; what is live is not listed. */
  readonly parameters: Readonly<Record<string, number>>;
  /** The output of `probe` that has exactly the shape of this input. */
  readonly shapeFrom: string;
}

export interface PinnedModel {
  readonly model: ModelProto;
  readonly noise: readonly PinnedNoise[];
  /**
   * The model with the inputs of before, all noise off, and the noise as further outputs that have the names
   * of the inputs that they stand for: run it once to learn their shapes.
   */
  readonly probe: ModelProto;
  /** Sources that stay random, as they lie in an If, Loop or Scan, or as a Dropout only later decides whether to train. */
  readonly left: readonly string[];
}

/**
 *   before   RandomNormalLike(like, mean μ, scale σ) ─ n ─ Mul ─ Add ─ image▸
 *   after    genscope_noise_0 ─ Mul(σ) ─ Add(μ) ─ Cast ─ n ─ Mul ─ Add ─ image▸        (only those that do anything)
 *
 *   before   p ─ Bernoulli ─ b                    logits ─ Multinomial ─ k
 *   after    p ─┐                                 logits ─ Softmax ─ CumSum ─┐
 *               Less ─ Cast ─ b                                              LessOrEqual ─ Σ ─ k
 *            u ─┘                                 u ─────────────────────────┘      (u: uniform inputs)
 *
 *   before   x ─ Dropout(ratio ρ, training) ─ y
 *   after    x ─ Mul((u ≥ ρ) / (1 − ρ)) ─ y                    (by 1 where u = 1: noise that is off)
 *
 * The inputs have no declared shape: see `probe` and `declareNoise`. A noise that the original shares across a batch,
 * [1, 1, h, w], may be fed one row a sample wherever the graph broadcasts it, which is everywhere it is added.
 * PyTorch's two exporters write exactly these operators (measured with 2.13, both of them).
 */
export function pinNoise(model: ModelProto): PinnedModel {
  const index = new GraphIndex(model);
  const random = new Set(randomNodes(index).map(({ node }) => node));
  const types = elementTypes(index);
  const names = new Names(model);
  const noise: PinnedNoise[] = [];
  const inputs: ValueInfoProto[] = [];
  const left = randomInside(model);
  const initializer = [...graphOf(model).initializer];
  const probeNodes: NodeProto[] = [];
  const probeWeights: TensorProto[] = [];
  const node = index.nodes.flatMap((one) => {
    const label = labelOf(one);
    if (isUndecided(index, one)) left.push(label);
    if (!random.has(label)) {
      probeNodes.push(one);
      return [one];
    }
    const input = names.fresh(`genscope_noise_${noise.length}`);
    const pinned = replacementOf(one, { input, index, types, names });
    const { nodes, weights, kind, neutral, shape, parameters } = pinned;
    const steady = steadyNoise(input, shape, neutral, names);
    probeNodes.push(...steady.nodes, ...nodes);
    probeWeights.push(...steady.weights);
    inputs.push(makeValue(input, FLOAT));
    initializer.push(...weights);
    noise.push({ input, node: label, op: one.opType, kind, neutral, parameters, shapeFrom: input });
    return nodes;
  });
  if (noise.length === 0) return { model, noise, probe: model, left };
  const input = [...graphOf(model).input, ...inputs];
  const probed = withGraph(model, { node: probeNodes, initializer: [...initializer, ...probeWeights] });
  return {
    model: prune(withGraph(model, { node, input, initializer })),
    noise,
    probe: prune(
      expose(
        probed,
        noise.map((one) => one.input),
      ),
    ),
    left,
  };
}

/** A copy of `model` whose noise inputs declare their shapes; strings are symbolic dimensions, '' unknown ones. */
export function declareNoise(
  model: ModelProto,
  shapes: ReadonlyMap<string, readonly (number | string)[]>,
): ModelProto {
  const input = graphOf(model).input.map((value) => {
    const shape = shapes.get(value.name);
    return shape === undefined ? value : makeValue(value.name, FLOAT, shape);
  });
  return withGraph(model, { input });
}

function labelOf(node: NodeProto): string {
  return node.name || (node.output[0] ?? '');
}

/** A Dropout whose mode is an input of its own, or computed. */
function isUndecided(index: GraphIndex, node: NodeProto): boolean {
  const mode = node.input[2] ?? '';
  return isStandard(node) && node.opType === 'Dropout' && mode !== '' && index.values(mode) === null;
}

const DRAWS = /^(Random(Normal|Uniform)(Like)?|Bernoulli|Multinomial)$/;

function randomInside(model: ModelProto): string[] {
  const found: string[] = [];
  for (const node of graphOf(model).node)
    for (const body of subgraphs(node))
      for (const graph of graphsOf(body))
        found.push(...graph.node.filter(({ opType }) => DRAWS.test(opType)).map(labelOf));
  return found;
}

/** Surgery: r′ = A·r + B at any set of layers, with A and B as inputs. */
import type { ModelProto, NodeProto, TensorProto } from 'onnx-buf';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { GraphIndex } from '../graph.ts';
import { copyMessage } from '../proto.ts';
import { BFLOAT16, FLOAT, FLOAT16, graphOf, makeNode, makeValue, Names, withGraph } from './build.ts';
import { locate } from './locate.ts';
import { reads } from './prune.ts';
import { elementTypes, typeOf } from './types.ts';

export interface Intervention {
  readonly tensor: string;
  /** Names of the two inputs: float32, of any shape that broadcasts to the layer's [N, C, h, w]. */
  readonly scale: string;
  readonly shift: string;
}

/**
 * A copy of `model` in which everything that reads a layer, outputs of the graph included, sees A·r + B in its place.
 *
 *   before   … Conv ─ Relu ─ r ─┬─ Conv ─ … image▸
 *                               └─ r▸
 *   after    … Conv ─ Relu ─ r/raw ─ Mul ─ Add ─ r ─┬─ Conv ─ … image▸
 *               genscope_A_0▸ ───────┘      │       └─ r▸
 *               genscope_B_0▸ ──────────────┘
 *
 * The number in an input's name is the layer's place in `tensors`. A = 1 and B = 0 reproduce the graph exactly. Layers of
 * half precision are computed on in float32 (as the CPU runtime does with every half) and rounded once, those of double
 * precision in double. A layer may be an input of the graph, which is what it is in the second half of `split`: then its
 * readers change their source, and an output of that name is refused. A layer that was edited before is edited again after
 * that, an input before.
 *
 * @throws GenscopeError `input.invalid` for a tensor that is not there or named twice, `model.unsupported` for one inside
 *         an If, Loop or Scan, or of a type that is no fraction
 */
export function intervene(
  model: ModelProto,
  tensors: readonly string[],
): { model: ModelProto; interventions: Intervention[] } {
  const names = new Names(model);
  const interventions = tensors.map((tensor, i) => ({
    tensor,
    scale: names.fresh(`genscope_A_${i}`),
    shift: names.fresh(`genscope_B_${i}`),
  }));
  const edited = insertAffine(model, interventions, names);
  const added = interventions.flatMap(({ scale, shift }) => [
    makeValue(scale, FLOAT),
    makeValue(shift, FLOAT),
  ]);
  return { model: withGraph(edited, { input: [...graphOf(edited).input, ...added] }), interventions };
}

/** A·r + B where A and B are any float32 tensors of the graph; '' leaves the step out. */
export function insertAffine(
  model: ModelProto,
  sites: readonly { tensor: string; scale: string; shift: string }[],
  names: Names,
  weights: readonly TensorProto[] = [],
): ModelProto {
  const index = new GraphIndex(model);
  const types = elementTypes(index);
  const renamed = new Map<string, string>();
  const after = new Map<NodeProto | null, NodeProto[]>();
  const redirected = new Map<string, string>();
  for (const { tensor, scale, shift } of sites) {
    const producer = locate(index, tensor);
    if (renamed.has(tensor) || redirected.has(tensor)) throw twice(tensor);
    if (producer === null && index.isOutput(tensor)) throw passedThrough(tensor);
    const other = names.fresh(`${tensor}/${producer === null ? 'edited' : 'raw'}`);
    if (producer === null) redirected.set(tensor, other);
    else renamed.set(tensor, other);
    const [from, to] = producer === null ? [tensor, other] : [other, tensor];
    const nodes = affineNodes(from, to, { scale, shift, type: typeOf(types, tensor), names });
    after.set(producer, [...(after.get(producer) ?? []), ...nodes]);
  }
  const node = [
    ...(after.get(null) ?? []),
    ...index.nodes.flatMap((one) => {
      const rewired = withReads(withOutputs(one, renamed), redirected);
      return [rewired, ...(after.get(one) ?? [])];
    }),
  ];
  const valueInfo = index.graph.valueInfo.filter(({ name }) => !renamed.has(name));
  return withGraph(model, { node, valueInfo, initializer: [...index.graph.initializer, ...weights] });
}

interface Affine {
  readonly scale: string;
  readonly shift: string;
  readonly type: number;
  readonly names: Names;
}

function affineNodes(from: string, to: string, { scale, shift, type, names }: Affine): NodeProto[] {
  const half = type === FLOAT16 || type === BFLOAT16;
  if (!half && type !== FLOAT && type !== 11) throw wrongType(to);
  const nodes: NodeProto[] = [];
  const step = (opType: string, input: string[], castTo?: number): string => {
    const output = names.fresh(`${to}/genscope_${opType}`);
    const node = makeNode(opType, input, [output], castTo === undefined ? {} : { to: BigInt(castTo) });
    // The last one gives up its output's name, so an edit of the same layer before this one may have called its node so.
    nodes.push(copyMessage(node, { name: names.fresh(node.name) }));
    return output;
  };
  /** A and B in the type that is computed in. */
  const operand = (name: string) => (type === FLOAT || half ? name : step('Cast', [name], type));
  let current = half ? step('Cast', [from], FLOAT) : from;
  if (scale !== '') current = step('Mul', [operand(scale), current]);
  if (shift !== '') current = step('Add', [current, operand(shift)]);
  if (half) current = step('Cast', [current], type);
  const last = nodes.pop();
  if (last === undefined) {
    const node = makeNode('Identity', [from], [to]);
    return [copyMessage(node, { name: names.fresh(node.name) })];
  }
  return [...nodes, copyMessage(last, { output: [to] })];
}

function withOutputs(node: NodeProto, renamed: ReadonlyMap<string, string>): NodeProto {
  if (!node.output.some((name) => renamed.has(name))) return node;
  return copyMessage(node, { output: node.output.map((name) => renamed.get(name) ?? name) });
}

/** `node` reading other tensors in place of some, also inside its subgraphs. */
function withReads(node: NodeProto, redirected: ReadonlyMap<string, string>): NodeProto {
  if (redirected.size === 0 || !reads(node).some((name) => redirected.has(name))) return node;
  const attribute = node.attribute.map((one) => {
    const inside = <G extends NonNullable<typeof one.g>>(graph: G): G =>
      copyMessage(graph, {
        node: graph.node.map((inner) => withReads(inner, redirected)),
        output: graph.output.map((value) =>
          copyMessage(value, { name: redirected.get(value.name) ?? value.name }),
        ),
      } as Partial<G>);
    return copyMessage(one, {
      ...(one.g === undefined ? {} : { g: inside(one.g) }),
      graphs: one.graphs.map(inside),
    });
  });
  return copyMessage(node, { input: node.input.map((name) => redirected.get(name) ?? name), attribute });
}

function twice(tensor: string): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    `The layer “${tensor}” is named twice.`,
    'Fold its edits into one scale and one shift.',
  );
}

function passedThrough(tensor: string): GenscopeError {
  return new GenscopeError(
    'model.unsupported',
    `“${tensor}” goes in and comes out unchanged, so an edit could not reach that output.`,
    'Leave that output out when splitting the model.',
  );
}

function wrongType(tensor: string): GenscopeError {
  return new GenscopeError(
    'model.unsupported',
    `“${tensor}” holds whole numbers, which cannot be scaled.`,
    'Choose a layer of feature maps.',
  );
}

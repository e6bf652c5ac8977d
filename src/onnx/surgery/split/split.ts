/** Surgery: a model cut in two at a layer (EXPORTS.md, rule 17). */
import type { ModelProto, NodeProto } from 'onnx-buf';
import { GenscopeError } from '../../../shared/kernel/errors.ts';
import { GraphIndex } from '../../graph.ts';
import { copyMessage } from '../../proto.ts';
import { graphOf, makeValue, Names, withGraph } from '../build.ts';
import { expose } from '../expose.ts';
import { locate } from '../locate.ts';
import { prune, reads } from '../prune.ts';
import { elementTypes, typeOf } from '../types.ts';
import { crossingCost, expensiveTensors, type KnownShapes } from './costs.ts';
import { minimumVertexCut } from './mincut.ts';

export interface SplitOptions {
  /** Sizes of as many tensors as are known, from one run with everything exposed; without them more has to cross. */
  readonly shapes?: KnownShapes;
  /** Outputs that the second half is to give; all that depend on the layer, unless said. */
  readonly outputs?: readonly string[];
}

export interface Split {
  /** Inputs → `crossing`. */
  readonly prefix: ModelProto;
  /** `crossing` and the original small inputs → those outputs of the model that depend on the layer. */
  readonly suffix: ModelProto;
  /** Names of the tensors handed over, the layer first: outputs of the prefix, inputs of the suffix. */
  readonly crossing: readonly string[];
  /** Inputs of the whole model that each half needs. */
  readonly prefixInputs: readonly string[];
  readonly suffixInputs: readonly string[];
}

/**
 * What crosses is the layer and, of everything else that the second half reads, the smallest set of tensors from which
 * the rest can be made again cheaply: mapping networks and styles come from the original inputs once more, feature
 * maps (skips) cross. The set is a minimum vertex cut between the feature maps and the second half.
 *
 *   before   z ─ map ─ w ─┬─ style ───────┬─ style
 *            const ─ Conv ┴─ Relu ─ r ─ Conv ─┬─ Add ─ image▸
 *                              └─ toRGB ─ s ──┘
 *
 *   prefix   z ─ map ─ w ─ style             suffix   z ─ map ─ w ─ style
 *            const ─ Conv ┴─ Relu ─┬─ r▸              r▸ ─ Conv ─┬─ Add ─ image▸
 *                                  └─ toRGB ─ s▸      s▸ ────────┘
 *
 * Both halves refer to the same weights, each only to its own. Without optimisation the halves compute exactly what the
 * whole does. Pin noise first: random tensors cross. A crossing tensor need not have one row a sample (a Shape does not),
 * so hand over all of them from one run of the prefix.
 *
 * @throws GenscopeError `input.invalid` for a layer that is not there, or that no asked-for output depends on;
 *         `model.unsupported` for one inside an If, Loop or Scan
 */
export function split(model: ModelProto, layer: string, options: SplitOptions = {}): Split {
  const index = new GraphIndex(model);
  if (locate(index, layer) === null) throw notMade(layer);
  const shapes: KnownShapes = options.shapes ?? new Map();
  const below = dependents(index, layer);
  const outputs = index.outputs
    .map(({ name }) => name)
    .filter((name) => below.has(name) && (options.outputs?.includes(name) ?? true));
  if (outputs.length === 0) throw leadsNowhere(layer);
  const second = neededOf(index.nodes, outputs, below);
  const crossing = [layer, ...handedOver(index, layer, second, shapes)];
  const prefix = prune(withGraph(expose(model, crossing), { output: outputsOf(model, crossing) }));
  const suffix = suffixOf(index, crossing, outputs, shapes);
  const prefixInputs = inputsRead(index, prefix);
  const suffixInputs = inputsRead(index, suffix);
  return {
    prefix: withInputs(prefix, new Set(prefixInputs)),
    suffix: withInputs(suffix, new Set([...suffixInputs, ...crossing])),
    crossing,
    prefixInputs,
    suffixInputs,
  };
}

/** Tensors that depend on `layer`, without itself. */
export function dependents(index: GraphIndex, layer: string): Set<string> {
  const found = new Set<string>();
  for (const node of index.nodes)
    if (reads(node).some((name) => name === layer || found.has(name)))
      for (const name of node.output) if (name !== '') found.add(name);
  return found;
}

/** Nodes between the layer and the outputs. */
function neededOf(nodes: readonly NodeProto[], outputs: readonly string[], below: ReadonlySet<string>) {
  const needed = new Set(outputs);
  const kept = new Set<NodeProto>();
  for (const node of nodes.toReversed()) {
    if (!node.output.some((name) => needed.has(name) && below.has(name))) continue;
    kept.add(node);
    for (const name of reads(node)) needed.add(name);
  }
  return kept;
}

/** The cheapest tensors between the feature maps and the nodes of the second half, in graph order. */
function handedOver(
  index: GraphIndex,
  layer: string,
  second: ReadonlySet<NodeProto>,
  shapes: KnownShapes,
): string[] {
  const expensive = expensiveTensors(index, shapes);
  const tensors = index.nodes.filter((node) => !second.has(node)).flatMap(({ output }) => output);
  const ids = new Map(tensors.filter((name) => name !== '' && name !== layer).map((name, i) => [name, i]));
  const idsOf = (names: readonly string[]) => names.flatMap((name) => ids.get(name) ?? []);
  const edges: [number, number][] = [];
  const sinks = new Set<number>();
  for (const node of index.nodes) {
    const from = idsOf(reads(node));
    if (second.has(node)) for (const id of from) sinks.add(id);
    else for (const to of idsOf(node.output)) for (const id of from) edges.push([id, to]);
  }
  const names = [...ids.keys()];
  const cut = minimumVertexCut({
    costs: names.map((name) => crossingCost(name, shapes)),
    edges,
    sources: names.flatMap((name, i) => (expensive.has(name) ? [i] : [])),
    sinks: [...sinks],
  });
  return (cut ?? []).flatMap((id) => names[id] ?? []);
}

function outputsOf(model: ModelProto, names: readonly string[]) {
  const given = new Map(graphOf(expose(model, names)).output.map((value) => [value.name, value]));
  return names.flatMap((name) => given.get(name) ?? []);
}

function suffixOf(
  index: GraphIndex,
  crossing: readonly string[],
  outputs: readonly string[],
  shapes: KnownShapes,
): ModelProto {
  const types = elementTypes(index);
  const taken = new Set(crossing);
  const names = new Names(index.model);
  const added = crossing.map((name) => makeValue(name, typeOf(types, name), declared(shapes.get(name))));
  return prune(
    withGraph(index.model, {
      input: [...index.graph.input, ...added],
      output: index.graph.output.filter(({ name }) => outputs.includes(name)),
      // A node all of whose outputs are handed over goes; one with others is renamed away from those that are.
      node: index.nodes.map((node) => withoutOutputs(node, taken, names)),
    }),
  );
}

/** Maps have one size whatever the sample; how many rows there are is the caller's business. */
function declared(shape: readonly number[] | undefined): (number | string)[] | undefined {
  return shape?.length === 4 ? ['', ...shape.slice(1)] : undefined;
}

function withoutOutputs(node: NodeProto, taken: ReadonlySet<string>, names: Names): NodeProto {
  if (!node.output.some((name) => taken.has(name))) return node;
  const output = node.output.map((name) => (taken.has(name) ? names.fresh(`${name}/handed_over`) : name));
  return copyMessage(node, { output });
}

function inputsRead(index: GraphIndex, half: ModelProto): string[] {
  const graph = graphOf(half);
  const used = new Set(graph.node.flatMap(reads));
  for (const { name } of graph.output) used.add(name);
  return index.inputs.map(({ name }) => name).filter((name) => used.has(name));
}

/** Inputs that are also weights (`keep_initializers_as_inputs`) become plain weights. */
function withInputs(half: ModelProto, wanted: ReadonlySet<string>): ModelProto {
  return withGraph(half, { input: graphOf(half).input.filter(({ name }) => wanted.has(name)) });
}

function notMade(layer: string): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    `“${layer}” is an input of the model, so there is nothing before it to cut off.`,
    'Choose one of the layers that it lists.',
  );
}

function leadsNowhere(layer: string): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    `The picture does not depend on “${layer}”.`,
    'Choose another layer.',
  );
}

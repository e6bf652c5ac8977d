/** Human names of layers, from the scopes that exporters leave in node and tensor names (EXPORTS.md, rule 13). */
import type { NodeProto } from 'onnx-buf';
import type { GraphIndex } from '../graph.ts';

/** How far up a nameless activation looks for a module that has a name. */
const MAX_STEPS = 8;

/** Modules that are only the activation itself: their parent is the layer. */
const ACTIVATION_MODULE =
  /^(act|activ|activation|relu|relu6|lrelu|leaky_?relu|prelu|elu|selu|silu|swish|gelu|glu|softplus|mish|h(ard)?_?(tanh|swish|sigmoid)|tanh|sigmoid|softsign|sine?|non_?linearity|actvn)(_?\d+)?$/i;

/** What a layer was found by: its activation, and the tensor that goes into it. */
export interface Origin {
  readonly node: NodeProto;
  /** The tensor that leaves the layer. */
  readonly leaving: string;
  readonly op: string;
  readonly from: string;
}

/** Wrappers that people put around a whole network; a name says nothing by beginning with one. */
const WRAPPER = /^(module|_orig_mod|model|net(work)?|gen(erator)?|net_?g|g|g_ema|wrapped|inner|self)$/i;

/**
 * A name for each layer, all different and without spaces. Modules that only are the activation lend their name where
 * they tell two layers of one module apart: `blocks.0.act1`, `blocks.0.act2`.
 */
export function humanNames(graph: GraphIndex, origins: readonly Origin[]): string[] {
  const full = origins.map(({ node }) => scopePath(node)?.join('.') ?? null);
  const short = origins.map(({ node, from }, i) => {
    const name = layerName(graph, node, from);
    return name !== null && WRAPPER.test(name) ? (full[i] ?? name) : name;
  });
  const chosen = short.map((name, i) => {
    if (name === null) return null;
    const same = short.flatMap((other, j) => (other === name ? [full[j]] : []));
    // TorchScript tells the calls of one module apart as act, act_1, act_2; what begins with act_0 are modules.
    const numbered = same.some((path) => path?.endsWith('_0'));
    const leaves = new Set(same.map((path) => (numbered ? path : path?.replace(/_\d+$/, ''))));
    return same.length > 1 && leaves.size === same.length ? (full[i] ?? name) : name;
  });
  const right = sharedApart(
    chosen,
    chosen.map((name, i) => ofItsModule(graph, origins[i] as Origin, name)),
  );
  let number = 0;
  const named = withoutWrapper(right).map(
    (name, i) => name ?? `${(origins[i]?.op ?? 'layer').toLowerCase()}${++number}`,
  );
  return unique(named.map((name) => name.replace(/\s+/g, '-')));
}

/**
 * A module's name is for the tensor that leaves it, which is what a hook on the module sees; a person who copies an edit
 * from a paper means that one. What is made inside has the name of the module inside that it leaves, or the operator's:
 *
 *   blocks.2.0   ┌ bn ─ activation ─ r1 ─ Conv ─ bn ─ Relu ─ r2 ─ Conv ─ Add ┐ r3     r1 blocks.2.0.activation
 *                └────────────────────────────────────────────────────────────┘       r2 blocks.2.0/relu   r3 blocks.2.0
 *
 * Where nothing tells which module reads the tensor, the name stays.
 */
function ofItsModule(graph: GraphIndex, { leaving, op }: Origin, name: string | null): string | null {
  const maker = graph.producer(leaving);
  const path = maker === undefined ? null : scopePath(maker);
  if (name === null || path === null) return name;
  const readers = graph.consumers(leaving).filter(({ opType }) => opType !== 'Shape' && opType !== 'Size');
  const paths = readers.map(scopePath);
  if (paths.length === 0 || paths.includes(null)) return name;
  const left = path
    .map((_, i) => path.slice(0, i + 1))
    .filter((module) => paths.some((reader) => module.some((part, i) => reader?.[i] !== part)))
    .map((module) => module.join('.'));
  if (left.includes(name)) return name;
  return left.at(-1) ?? `${path.length === 0 ? name : path.join('.')}/${op.toLowerCase()}`;
}

/**
 * Of an activation that a network calls again and again, the name says nothing: `scale.0.conv/leakyRelu` and
 * `scale.1.conv/leakyRelu` for `leakyRelu` and `leakyRelu_1`.
 */
function sharedApart(before: readonly (string | null)[], after: readonly (string | null)[]) {
  const module = (name: string | null) => name?.replace(/_\d+$/, '');
  return after.map((name, i) => {
    const leaf = module(name)?.split('.').at(-1) ?? '';
    if (name === null || name === before[i] || !ACTIVATION_MODULE.test(leaf)) return name;
    const others = after.flatMap((other, j) => (module(other) === module(name) ? [before[j]] : []));
    return new Set(others).size > 1 ? `${before[i]}/${leaf}` : name;
  });
}

/** Names without what all of them begin with, unless nothing or only a number would be left of one. */
function withoutWrapper(names: readonly (string | null)[]): (string | null)[] {
  const [first] = names.flatMap((name) => name ?? [])[0]?.split('.') ?? [];
  if (first === undefined || !WRAPPER.test(first)) return [...names];
  const bare = names.map((name) =>
    name?.startsWith(`${first}.`) === true ? name.slice(first.length + 1) : null,
  );
  const strips = names.every((name, i) => name === null || /^\D/.test(bare[i] ?? ''));
  return strips ? withoutWrapper(bare) : [...names];
}

function unique(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((wanted) => {
    let name = wanted;
    for (let i = 2; taken.has(name); i++) name = `${wanted}.${i}`;
    taken.add(name);
    return name;
  });
}

/**
 * "synthesis.b32.conv1" for `/synthesis/b32/conv1/LeakyRelu`. An activation without a scope is named after the module
 * whose output it activates, since people know layers by their weights.
 */
function layerName(graph: GraphIndex, node: NodeProto, from: string): string | null {
  const own = scopeName(node);
  if (own !== null) return own;
  let tensor = from;
  for (let i = 0; i < MAX_STEPS; i++) {
    const maker = graph.producer(tensor);
    if (maker === undefined) return null;
    const name = scopeName(maker) ?? weightName(graph, maker);
    if (name !== null) return name;
    tensor =
      maker.input.find((input) => graph.producer(input) !== undefined && graph.values(input) === null) ?? '';
  }
  return null;
}

/** The module path that a node was traced in; null at the top, and for names that say nothing. */
function scopeName(node: NodeProto): string | null {
  const parts = scopePath(node) ?? [];
  while (parts.length > 0 && ACTIVATION_MODULE.test(parts.at(-1) ?? '')) parts.pop();
  return parts.length === 0 ? null : parts.join('.');
}

function scopePath(node: NodeProto): string[] | null {
  const path = metadataPath(node) ?? slashPath(node.name);
  return path === null ? null : withoutRepeats(path);
}

/** TorchScript exporter: `/l8b/conv/Conv_2` → ['l8b', 'conv']. */
function slashPath(name: string): string[] | null {
  if (!name.includes('/')) return null;
  const parts = name.split('/').filter((part) => part !== '');
  return parts.slice(0, -1);
}

/** Dynamo exporter: pkg.torch.onnx.name_scopes = "['', 'up', 'up.conv', 'conv2d']", where each names its whole path. */
function metadataPath(node: NodeProto): string[] | null {
  const scopes = node.metadataProps.find(({ key }) => key === 'pkg.torch.onnx.name_scopes')?.value;
  const names = scopes?.match(/'[^']*'/g)?.map((quoted) => quoted.slice(1, -1));
  const path = names?.at(-2);
  return path === undefined ? null : path.split('.').filter((part) => part !== '');
}

/** Sequential repeats its parent: ['main', 'main.2'] is main.2. */
function withoutRepeats(parts: readonly string[]): string[] {
  return parts
    .filter((part, i) => !(parts[i + 1]?.startsWith(`${part}.`) ?? false))
    .flatMap((part) => part.split('.'));
}

/** `features.3.weight` → "features.3", for exporters that number their nodes but keep the names of weights. */
function weightName(graph: GraphIndex, node: NodeProto): string | null {
  const weight = node.input.find(
    (input) => graph.initializers.has(input) && /\.(weight|kernel|W)$/.test(input),
  );
  return weight?.replace(/\.[^.]+$/, '') ?? null;
}

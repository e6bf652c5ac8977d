/** Human names of layers, from the scopes that exporters leave in node and tensor names (EXPORTS.md, rule 13). */
import type { NodeProto } from 'onnx-buf';
import type { GraphIndex } from '../graph.ts';

/** How far up a nameless activation looks for a module that has a name. */
const MAX_STEPS = 8;

/** Modules that are only the activation itself: their parent is the layer. */
const ACTIVATION_MODULE =
  /^(act|activ|activation|relu|lrelu|leaky_?relu|prelu|elu|selu|silu|swish|gelu|glu|softplus|non_?linearity|actvn)(_?\d+)?$/i;

/**
 * "synthesis.b32.conv1" for `/synthesis/b32/conv1/LeakyRelu`. An activation without a scope is named after the module
 * whose output it activates, since people know layers by their weights.
 */
export function layerName(graph: GraphIndex, node: NodeProto, from: string): string | null {
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
  const path = metadataPath(node) ?? slashPath(node.name);
  if (path === null) return null;
  const parts = withoutRepeats(path);
  while (parts.length > 0 && ACTIVATION_MODULE.test(parts.at(-1) ?? '')) parts.pop();
  return parts.length === 0 ? null : parts.join('.');
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

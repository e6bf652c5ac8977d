/** An index over a model's top-level graph: who makes a tensor, who reads it, what is constant. */
import type { GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } from 'onnx-buf';
import type { DeclaredShape } from '../shared/generator/model.ts';
import { unreadable } from './bytes.ts';
import { constantNodeDims, constantNodeValues, tensorValues } from './constants.ts';
import { dtypeName } from './dtypes.ts';
import { isStandard } from './proto.ts';

/** An input or output of the graph. */
export interface GraphTensor {
  readonly name: string;
  readonly dtype: string;
  /** Null when the graph does not even declare the rank. */
  readonly shape: DeclaredShape | null;
}

export class GraphIndex {
  readonly model: ModelProto;
  readonly graph: GraphProto;
  readonly nodes: readonly NodeProto[];
  /** What a person feeds: inputs that are not also initializers (`keep_initializers_as_inputs` lists those too). */
  readonly inputs: readonly GraphTensor[];
  readonly outputs: readonly GraphTensor[];
  readonly initializers: ReadonlyMap<string, TensorProto>;
  readonly #producers = new Map<string, NodeProto>();
  readonly #consumers = new Map<string, NodeProto[]>();
  readonly #outputNames: ReadonlySet<string>;

  constructor(model: ModelProto) {
    if (model.graph === undefined) throw unreadable('no graph');
    this.model = model;
    this.graph = model.graph;
    this.nodes = this.graph.node;
    this.initializers = new Map(this.graph.initializer.map((tensor) => [tensor.name, tensor]));
    this.inputs = this.graph.input.filter((input) => !this.initializers.has(input.name)).map(describe);
    this.outputs = this.graph.output.map(describe);
    this.#outputNames = new Set(this.outputs.map((output) => output.name));
    for (const node of this.nodes) {
      for (const output of node.output) if (output !== '') this.#producers.set(output, node);
      for (const input of readNames(node)) push(this.#consumers, input, node);
    }
  }

  /** The version of ONNX's own operator set. */
  get opset(): number {
    const own = this.model.opsetImport.find((entry) => entry.domain === '' || entry.domain === 'ai.onnx');
    return Number(own?.version ?? 0n);
  }

  producer(tensor: string): NodeProto | undefined {
    return this.#producers.get(tensor);
  }

  /** Nodes that read a tensor, each once, also from inside their subgraphs. */
  consumers(tensor: string): readonly NodeProto[] {
    return this.#consumers.get(tensor) ?? [];
  }

  isOutput(tensor: string): boolean {
    return this.#outputNames.has(tensor);
  }

  /** The node that alone reads a tensor; undefined when several do, or when it leaves the graph as well. */
  soleConsumer(tensor: string): NodeProto | undefined {
    const consumers = this.consumers(tensor);
    return consumers.length === 1 && !this.isOutput(tensor) ? consumers[0] : undefined;
  }

  /** Elements of a small constant tensor, seen through Identity; null when it is not one. */
  values(tensor: string): number[] | null {
    const name = this.#throughIdentity(tensor);
    const initializer = this.initializers.get(name);
    if (initializer !== undefined) return tensorValues(initializer);
    const node = this.#producers.get(name);
    return node === undefined ? null : constantNodeValues(node);
  }

  /** The single element of a constant tensor; null when it is not constant or has several. */
  scalar(tensor: string): number | null {
    const values = this.values(tensor);
    return values?.length === 1 ? (values[0] ?? null) : null;
  }

  /**
   * Dimensions of a weight, seen through Identity (exporters share merged weights that way) and DequantizeLinear; null for
   * live tensors.
   */
  weightDims(tensor: string): number[] | null {
    let from = tensor;
    // A loop, and one that ends: files may chain thousands of them, or close the chain to a circle.
    for (let steps = 0; steps <= this.nodes.length; steps++) {
      const name = this.#throughIdentity(from);
      const initializer = this.initializers.get(name);
      if (initializer !== undefined) return initializer.dims.map(Number);
      const node = this.#producers.get(name);
      if (node === undefined) return null;
      if (node.opType !== 'DequantizeLinear' || !isStandard(node)) return constantNodeDims(node);
      from = node.input[0] ?? '';
    }
    return null;
  }

  /** TensorProto.DataType of an initializer, seen through Identity; null for anything else. */
  weightType(tensor: string): number | null {
    return this.initializers.get(this.#throughIdentity(tensor))?.dataType ?? null;
  }

  #throughIdentity(tensor: string): string {
    let name = tensor;
    for (let i = 0; i < 16; i++) {
      const node = this.#producers.get(name);
      const [source] = node?.input ?? [];
      if (node === undefined || node.opType !== 'Identity' || !isStandard(node) || source === undefined)
        return name;
      name = source;
    }
    return name;
  }
}

/** Names a node reads, each once: its inputs, and what its subgraphs take from outside. */
function readNames(node: NodeProto): Set<string> {
  const names = new Set(node.input.filter((name) => name !== ''));
  for (const attribute of node.attribute) {
    const graphs = attribute.g === undefined ? attribute.graphs : [attribute.g, ...attribute.graphs];
    for (const graph of graphs) {
      for (const inner of graph.node) for (const name of readNames(inner)) names.add(name);
      // A branch may hand an outer tensor straight on.
      for (const output of graph.output) names.add(output.name);
    }
  }
  return names;
}

function describe(value: ValueInfoProto): GraphTensor {
  const type = value.type?.value;
  if (type?.case !== 'tensorType') return { name: value.name, dtype: type?.case ?? 'unknown', shape: null };
  const { elemType, shape } = type.value;
  const dims = shape?.dim.map((dim) => {
    if (dim.value.case === 'dimParam') return dim.value.value;
    // Some exporters write 0 or −1 for “any”.
    return dim.value.case === 'dimValue' && dim.value.value > 0n ? Number(dim.value.value) : '';
  });
  return { name: value.name, dtype: dtypeName(elemType), shape: dims ?? null };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

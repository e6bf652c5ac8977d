/** Surgery: model-local functions, written out where they are called. */
import type { FunctionProto, GraphProto, ModelProto, NodeProto } from 'onnx-buf';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { copyMessage } from '../proto.ts';
import { graphOf, graphsOf, makeNode, Names, subgraphs } from './build.ts';

/** Functions that call functions that call functions … may stand for far more nodes than the file has bytes. */
const MAX_NODES = 200_000;
const MAX_DEPTH = 100;

/**
 * A copy of `model` without functions. Everything else in this folder looks at nodes, so this comes first.
 *
 *   before   z ─ Block(alpha = 0.2) ─ r ─ Conv ─ image▸            Block(x) { a = Gemm(x, w); y = LeakyRelu(a, @alpha) }
 *   after    z ─ Gemm ─ block/a ─ LeakyRelu(0.2) ─ r ─ Conv ─ image▸
 *
 * Tensors and nodes inside get the caller's name in front and are made unique; attributes take the caller's values,
 * or the function's defaults; functions inside functions are written out as well.
 *
 * @throws GenscopeError `model.unsupported` for a function that calls itself, or that grows beyond all bounds
 */
export function inlineFunctions(model: ModelProto): ModelProto {
  if (model.functions.length === 0) return model;
  const graph = new Inliner(model).graph(graphOf(model));
  const used = new Set([...graphsOf(graph)].flatMap(({ node }) => node.map(({ domain }) => domain)));
  const opsetImport = mergedOpsets(model).filter(({ domain }) => domain === '' || used.has(domain));
  return copyMessage(model, { graph, functions: [], opsetImport });
}

/** A function may import operator sets that the model itself does not name. */
function mergedOpsets(model: ModelProto): ModelProto['opsetImport'] {
  const all = [...model.opsetImport];
  for (const { opsetImport } of model.functions)
    for (const entry of opsetImport) if (!all.some(({ domain }) => domain === entry.domain)) all.push(entry);
  return all;
}

/** Tensor names inside a function body, as they are called outside. */
type Scope = Map<string, string>;

class Inliner {
  readonly #names: Names;
  readonly #functions = new Map<string, FunctionProto>();
  /** Nodes that one call of each function stands for. */
  readonly #sizes = new Map<string, number>();

  constructor(model: ModelProto) {
    this.#names = new Names(model);
    for (const one of model.functions) this.#functions.set(keyOf(one.domain, one.name, one.overload), one);
  }

  /** A graph whose names are already right: only the calls in it change. */
  graph(graph: GraphProto): GraphProto {
    // Before anything is written out: a few lines of a file may stand for a billion nodes.
    if (this.#sizeOf(graph.node, []) > MAX_NODES) throw tooLarge(`more than ${MAX_NODES} nodes`);
    return copyMessage(graph, { node: graph.node.flatMap((node) => this.#expand(node)) });
  }

  /** How many nodes these stand for; each function is counted once. */
  #sizeOf(nodes: readonly NodeProto[], stack: readonly string[]): number {
    let size = nodes.length;
    for (const node of nodes) {
      for (const graph of subgraphs(node)) size += this.#sizeOf(graph.node, stack);
      const key = keyOf(node.domain, node.opType, node.overload);
      const body = this.#functions.get(key);
      if (body === undefined) continue;
      if (stack.includes(key)) throw recursive(node.opType);
      if (stack.length >= MAX_DEPTH) throw tooLarge(`more than ${MAX_DEPTH} functions inside each other`);
      const known = this.#sizes.get(key) ?? this.#sizeOf(body.node, [...stack, key]);
      this.#sizes.set(key, known);
      size += known;
    }
    return size;
  }

  #expand(node: NodeProto): NodeProto[] {
    const body = this.#functions.get(keyOf(node.domain, node.opType, node.overload));
    if (body === undefined) return [this.#withInlinedBranches(node)];
    return this.#body(node, body).flatMap((inner) => this.#expand(inner));
  }

  #withInlinedBranches(node: NodeProto): NodeProto {
    return mapSubgraphs(node, (graph) =>
      copyMessage(graph, { node: graph.node.flatMap((inner) => this.#expand(inner)) }),
    );
  }

  /** The nodes of one call, renamed, with attributes filled in; calls inside are still calls. */
  #body(call: NodeProto, body: FunctionProto): NodeProto[] {
    const prefix = call.name || call.output[0] || call.opType;
    const scope: Scope = new Map(body.input.map((name, i) => [name, call.input[i] ?? '']));
    const handedOn: NodeProto[] = [];
    body.output.forEach((name, i) => {
      const wanted = call.output[i] ?? '';
      if (wanted === '') return;
      const known = scope.get(name);
      // An input that is also an output, or one tensor put out twice.
      if (known !== undefined) handedOn.push(makeNode('Identity', [known], [wanted]));
      else scope.set(name, wanted);
    });
    const nodes = body.node.map((node) => this.#node(withAttributes(node, call, body), scope, prefix));
    return [...nodes, ...handedOn];
  }

  #node(node: NodeProto, scope: Scope, prefix: string): NodeProto {
    const renamed = mapSubgraphs(node, (graph) => this.#subgraph(graph, new Map(scope), prefix));
    return copyMessage(renamed, {
      name: this.#names.fresh(`${prefix}/${node.name || node.opType}`),
      input: node.input.map((name) => (name === '' ? '' : (scope.get(name) ?? name))),
      output: node.output.map((name) => (name === '' ? '' : this.#define(name, scope, prefix))),
    });
  }

  #define(name: string, scope: Scope, prefix: string): string {
    const known = scope.get(name);
    if (known !== undefined) return known;
    const fresh = this.#names.fresh(`${prefix}/${name}`);
    scope.set(name, fresh);
    return fresh;
  }

  #subgraph(graph: GraphProto, scope: Scope, prefix: string): GraphProto {
    const rename = <T extends { name: string }>(value: T): T => {
      scope.delete(value.name);
      return copyMessage(value, { name: this.#define(value.name, scope, prefix) } as Partial<T>);
    };
    const input = graph.input.map(rename);
    const initializer = graph.initializer.map(rename);
    const node = graph.node.map((inner) => this.#node(inner, scope, prefix));
    const output = graph.output.map((value) =>
      copyMessage(value, { name: scope.get(value.name) ?? value.name }),
    );
    return copyMessage(graph, { input, initializer, node, output, valueInfo: [] });
  }
}

/** Attributes that refer to the function's own become the caller's value, or the default, or vanish. */
function withAttributes(node: NodeProto, call: NodeProto, body: FunctionProto): NodeProto {
  const attribute = node.attribute.flatMap((one) => {
    if (one.refAttrName === '') return [one];
    const given =
      call.attribute.find(({ name }) => name === one.refAttrName) ??
      body.attributeProto.find(({ name }) => name === one.refAttrName);
    return given === undefined ? [] : [copyMessage(given, { name: one.name })];
  });
  return mapSubgraphs(copyMessage(node, { attribute }), (graph) =>
    copyMessage(graph, { node: graph.node.map((inner) => withAttributes(inner, call, body)) }),
  );
}

function mapSubgraphs(node: NodeProto, change: (graph: GraphProto) => GraphProto): NodeProto {
  if (!node.attribute.some(({ g, graphs }) => g !== undefined || graphs.length > 0)) return node;
  const attribute = node.attribute.map((one) =>
    copyMessage(one, {
      ...(one.g === undefined ? {} : { g: change(one.g) }),
      graphs: one.graphs.map(change),
    }),
  );
  return copyMessage(node, { attribute });
}

/** '' and 'ai.onnx' are one domain. */
function keyOf(domain: string, name: string, overload: string): string {
  return JSON.stringify([domain === 'ai.onnx' ? '' : domain, name, overload]);
}

function recursive(name: string): GenscopeError {
  return new GenscopeError(
    'model.unsupported',
    `The model’s function “${name}” calls itself, which ONNX does not allow.`,
    'Export the model again, with another version of the exporter.',
    { next: ['copyExportCode'] },
  );
}

function tooLarge(what: string): GenscopeError {
  return new GenscopeError(
    'model.unsupported',
    `Written out, the model’s functions are ${what}.`,
    'Export the model again with fewer functions inside functions.',
    { next: ['copyExportCode'] },
  );
}

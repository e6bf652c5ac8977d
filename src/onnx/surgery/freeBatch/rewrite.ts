/** The nodes that hold a baked batch, one rewriting each. */
import type { NodeProto, TensorProto } from 'onnx-buf';
import type { GraphIndex } from '../../graph.ts';
import { copyMessage, intAttribute, isStandard } from '../../proto.ts';
import { liveTensors } from '../../walk.ts';
import { int64Tensor, makeNode, type Names } from '../build.ts';

export class Rewriter {
  readonly weights: TensorProto[] = [];
  readonly changed: string[] = [];
  readonly #index: GraphIndex;
  readonly #live: ReadonlySet<string>;
  readonly #batch: number;
  readonly #shapes: ReadonlyMap<string, readonly number[]>;
  readonly #names: Names;

  constructor(
    index: GraphIndex,
    batch: number,
    shapes: ReadonlyMap<string, readonly number[]>,
    names: Names,
  ) {
    this.#index = index;
    this.#batch = batch;
    this.#shapes = shapes;
    this.#names = names;
    this.#live = liveTensors(index);
  }

  /** What stands in for `node`: itself, or more. */
  node(node: NodeProto): NodeProto[] {
    const rewritten = this.#rewrite(node);
    if (rewritten === null) return [node];
    this.changed.push(node.name || (node.output[0] ?? node.opType));
    return rewritten;
  }

  #rewrite(node: NodeProto): NodeProto[] | null {
    if (!isStandard(node)) return null;
    const live = this.#live.has(node.input[0] ?? '');
    if (node.opType === 'Reshape' && live) return this.#reshape(node);
    if (node.opType === 'Resize' && live) return this.#resize(node);
    if (node.opType === 'Concat') return this.#concat(node);
    return null;
  }

  /**
   *   [1, 8, 4, 4] → [−1, 8, 4, 4]          [1, −1, 4] → [0, −1, 4]          [16, 8, 4] → [−1, 8, 4]   (16 = rows · heads)
   */
  #reshape(node: NodeProto): NodeProto[] | null {
    const [data = '', shape = ''] = node.input;
    const values = this.#index.values(shape);
    if (values === null) return this.#builtShape(node);
    const zeros = intAttribute(node, 'allowzero', 0) === 1;
    if (zeros && values.includes(0)) return null;
    const freed = this.#freedShape(values, this.#shapes.get(data));
    // A damaged graph may have floats there, or a size that divides into no whole number of rows.
    if (freed === null || !freed.every(Number.isInteger)) return null;
    return [withoutZeros(copyMessage(node, { input: [data, this.#constant(freed)] }))];
  }

  #freedShape(values: readonly number[], data: readonly number[] | undefined): number[] | null {
    const [first, ...rest] = values;
    if (first === undefined || first <= 0) return null;
    if (!rest.includes(-1)) {
      // Rows may be part of a larger leading dimension; 0 elsewhere keeps what the data has there.
      return rest.length > 0 || first === this.#batch ? [-1, ...rest] : null;
    }
    if (first !== this.#batch) return null;
    if (data === undefined || data[0] === this.#batch) return [0, ...rest];
    const total = data.reduce((product, size) => product * size, 1);
    const known = values.reduce((product, size, i) => product * axisSize(size, data[i]), 1);
    return [-1, ...rest.map((size) => (size === -1 ? total / known : size))];
  }

  /** A shape put together in the graph: Concat([1], height, width) → Concat([−1], height, width). */
  #builtShape(node: NodeProto): NodeProto[] | null {
    const [data = '', shape = ''] = node.input;
    const concat = this.#index.producer(shape);
    if (concat?.opType !== 'Concat' || intAttribute(node, 'allowzero', 0) === 1) return null;
    const parts = concat.input.map((name) => this.#constantValues(name));
    const [first] = parts;
    if (first === null || first === undefined || first[0] !== this.#batch) return null;
    const inferred = parts.some((values) => values?.includes(-1) ?? false);
    const head = this.#constant([inferred ? 0 : -1, ...first.slice(1)]);
    const built = this.#names.fresh(`${shape}/freed`);
    return [
      copyMessage(concat, {
        name: `${built}_Concat`,
        input: [head, ...concat.input.slice(1)],
        output: [built],
      }),
      copyMessage(node, { input: [data, built] }),
    ];
  }

  /** Seen through Unsqueeze and Cast, which TorchScript leaves between a constant and the Concat of a shape. */
  #constantValues(tensor: string): number[] | null {
    const values = this.#index.values(tensor);
    if (values !== null) return values;
    const producer = this.#index.producer(tensor);
    if (producer === undefined || !['Unsqueeze', 'Cast'].includes(producer.opType)) return null;
    return this.#index.values(producer.input[0] ?? '');
  }

  /** sizes = [1, C, H, W] → [rows of x, C, H, W]. */
  #resize(node: NodeProto): NodeProto[] | null {
    const [data = '', , , sizes = ''] = node.input;
    const values = sizes === '' ? null : this.#index.values(sizes);
    const axes = node.attribute.some(({ name }) => name === 'axes');
    if (values === null || axes || values[0] !== this.#batch) return null;
    const rows = this.#rowsOf(data);
    const freed = this.#names.fresh(`${node.output[0]}/sizes`);
    return [
      ...rows.nodes,
      makeNode('Concat', [rows.tensor, this.#constant(values.slice(1))], [freed], { axis: 0n }),
      copyMessage(node, { input: node.input.map((name, i) => (i === 3 ? freed : name)) }),
    ];
  }

  /** Constant tensors beside live ones, along any axis but the batch, are repeated for each row. */
  #concat(node: NodeProto): NodeProto[] | null {
    const live = node.input.find((name) => this.#live.has(name));
    // Only one row can be repeated.
    if (live === undefined || this.#batch !== 1 || intAttribute(node, 'axis', 0) === 0) return null;
    const fixed = node.input.filter((name) => !this.#live.has(name) && this.#isOneRow(name));
    if (fixed.length === 0) return null;
    const rows = this.#rowsOf(live);
    const repeated = new Map(fixed.map((name) => [name, this.#names.fresh(`${name}/rows`)]));
    const expands = [...repeated].flatMap(([name, output]) => this.#expanded(name, output, rows.tensor));
    const input = node.input.map((name) => repeated.get(name) ?? name);
    return [...rows.nodes, ...expands, copyMessage(node, { input })];
  }

  /** False only when it is known to have another number of rows. */
  #isOneRow(tensor: string): boolean {
    const dims = this.#shapes.get(tensor) ?? this.#index.weightDims(tensor);
    return dims === null || dims === undefined || (dims.length > 1 && dims[0] === this.#batch);
  }

  /** Expand(c, [rows, 1, 1 …]) for a c of unknown rank: the rest of its own shape broadcasts with itself. */
  #expanded(tensor: string, output: string, rows: string): NodeProto[] {
    const shape = this.#names.fresh(`${output}/shape`);
    const rest = this.#names.fresh(`${output}/rest`);
    const whole = this.#names.fresh(`${output}/whole`);
    return [
      makeNode('Shape', [tensor], [shape]),
      makeNode('Slice', [shape, this.#constant([1]), this.#constant([64])], [rest]),
      makeNode('Concat', [rows, rest], [whole], { axis: 0n }),
      makeNode('Expand', [tensor, whole], [output]),
    ];
  }

  #rowsOf(tensor: string): { tensor: string; nodes: NodeProto[] } {
    const shape = this.#names.fresh(`${tensor}/shape`);
    const rows = this.#names.fresh(`${tensor}/rows_of`);
    const slice = makeNode('Slice', [shape, this.#constant([0]), this.#constant([1])], [rows]);
    return { tensor: rows, nodes: [makeNode('Shape', [tensor], [shape]), slice] };
  }

  #constant(values: readonly number[]): string {
    const name = this.#names.fresh('genscope_shape');
    this.weights.push(int64Tensor(name, values));
    return name;
  }
}

/** With −1 or 0 for the batch, 0 must mean “as it was”, which is the default. */
function withoutZeros(node: NodeProto): NodeProto {
  return copyMessage(node, { attribute: node.attribute.filter(({ name }) => name !== 'allowzero') });
}

function axisSize(size: number, data: number | undefined): number {
  if (size === -1) return 1;
  return size === 0 ? (data ?? 1) : size;
}

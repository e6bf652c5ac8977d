/** Surgery: a batch of 1 that the exporter baked in becomes any number of rows (EXPORTS.md, rule 16). */
import type { ModelProto, NodeProto, TensorProto, ValueInfoProto } from 'onnx-buf';
import { GraphIndex } from '../../graph.ts';
import { randomNodes } from '../../noise.ts';
import { copyMessage } from '../../proto.ts';
import { liveTensors } from '../../walk.ts';
import { graphsOf, Names, subgraphs, withGraph } from '../build.ts';
import { prune } from '../prune.ts';
import { Rewriter } from './rewrite.ts';

export interface FreeBatchOptions {
  /** Inputs that bring a row for each sample; all whose first dimension is the baked batch, unless said. */
  readonly rows?: readonly string[];
  /** Sizes of tensors as a run at the baked batch showed them; some Reshapes are only safe with them. */
  readonly shapes?: ReadonlyMap<string, readonly number[]>;
}

export type FreedBatch =
  | {
      readonly model: ModelProto;
      /** Inputs, outputs and nodes that say something else now; empty when nothing was baked in. */
      readonly changed: readonly string[];
    }
  /** Why it cannot be done, as the end of a sentence: “… so samples run one by one”. */
  | { readonly refused: string };

const BATCH = 'genscope_batch';

/**
 *   before   z [1, 12] ─ Gemm ─ Reshape([1, 8, 4, 4]) ─ Conv ─┬─ Concat(axis 1) ─ Resize(sizes = [1, 9, 8, 8]) ─ image▸ [1, …]
 *            ones [1, 1, 4, 4] ───────────────────────────────┘
 *   after    z [N, 12] ─ Gemm ─ Reshape([−1, 8, 4, 4]) ─ Conv ─┬─ Concat(axis 1) ─ Resize(sizes = [rows, 9, 8, 8]) ─ image▸ [N, …]
 *            ones ─ Expand to the rows of the other ───────────┘
 *
 * Reshapes of live data get 0 for the batch where −1 stands elsewhere in their shape, else −1; the same where the shape
 * is put together by a Concat that begins with 1. Constant tensors broadcast everywhere but in a Concat, so only there
 * they are repeated. Nothing else can be known from the graph alone: whoever uses the result must run it, and compare
 * rows with runs of the *original* at batch 1 (at which the result is to equal the original as well).
 */
export function freeBatch(model: ModelProto, options: FreeBatchOptions = {}): FreedBatch {
  const index = new GraphIndex(model);
  const reason = refusal(index);
  if (reason !== null) return { refused: reason };
  const rows = index.inputs.filter(
    ({ name, shape, dtype }) => options.rows?.includes(name) ?? bringsRows(shape, dtype),
  );
  // No static batch anywhere: still a Reshape inside may hold one, and then it is 1.
  const batch = rows.map(({ shape }) => shape?.[0]).find((size) => typeof size === 'number') ?? 1;
  const changed: string[] = [];
  const freeAxis = (value: ValueInfoProto, symbol: string) => {
    const freed = withSymbolicBatch(value, batch, symbol);
    if (freed !== value) changed.push(value.name);
    return freed;
  };
  const fed = new Set(rows.map(({ name }) => name));
  const input = index.graph.input.map((value) =>
    fed.has(value.name) ? freeAxis(value, symbolOf(value)) : value,
  );
  const output = index.graph.output.map((value) => freeAxis(value, BATCH));
  const rewriter = new Rewriter(index, batch, options.shapes ?? new Map(), new Names(model));
  const node: NodeProto[] = index.nodes.flatMap((one) => rewriter.node(one));
  changed.push(...rewriter.changed);
  if (changed.length === 0) return { model, changed };
  const initializer: TensorProto[] = [...index.graph.initializer, ...rewriter.weights];
  // Notes on intermediate shapes would contradict the new ones.
  return { model: prune(withGraph(model, { input, output, node, initializer, valueInfo: [] })), changed };
}

function refusal(index: GraphIndex): string | null {
  const random = randomNodes(index);
  if (random.length > 0)
    return `it draws random numbers inside (${random[0]?.op}), which have to be pinned first`;
  const live = liveTensors(index);
  for (const node of index.nodes) {
    if (/^(Conv|ConvTranspose|DeformConv)$/.test(node.opType) && live.has(node.input[1] ?? ''))
      return `the weights of ${node.name || node.output[0]} depend on the sample (modulated convolution), which leaves no axis for a batch`;
    if (subgraphs(node).some(hasNodes) && node.input.some((name) => live.has(name)))
      return `it has ${node.opType} inside, which depends on the sample`;
  }
  return null;
}

function hasNodes(graph: Parameters<typeof graphsOf>[0]): boolean {
  for (const { node } of graphsOf(graph)) if (node.length > 0) return true;
  return false;
}

/** A float of rank 1, [1], is rather a setting (truncation) than a row; a label is int64 [1]. */
function bringsRows(shape: readonly (number | string)[] | null, dtype: string): boolean {
  if (shape === null || shape.length === 0) return false;
  return shape.length > 1 || !dtype.startsWith('float');
}

/** Maps of noise may be fed once for all rows, so they are not said to have as many rows as the latents. */
function symbolOf(value: ValueInfoProto): string {
  const type = value.type?.value;
  const dims = type?.case === 'tensorType' ? (type.value.shape?.dim ?? []) : [];
  return dims.length === 4 && dims[1]?.value.value === 1n ? `${BATCH}_of_${value.name}` : BATCH;
}

function withSymbolicBatch(value: ValueInfoProto, batch: number, symbol: string): ValueInfoProto {
  const type = value.type?.value;
  if (value.type === undefined || type?.case !== 'tensorType' || type.value.shape === undefined) return value;
  const [first, ...rest] = type.value.shape.dim;
  if (first?.value.case !== 'dimValue' || Number(first.value.value) !== batch) return value;
  const free = copyMessage(first, { value: { case: 'dimParam', value: symbol } });
  const shape = copyMessage(type.value.shape, { dim: [free, ...rest] });
  const tensorType = { case: 'tensorType' as const, value: copyMessage(type.value, { shape }) };
  return copyMessage(value, { type: copyMessage(value.type, { value: tensorType }) });
}

/** Surgery: an edit folded back into a plain ONNX model. Here is the plan; `bakeWriter.ts` writes the file. */
import type { ModelProto, NodeProto, TensorProto } from 'onnx-buf';
import { channelsLast } from '../../../shared/kernel/channels.ts';
import { GenscopeError } from '../../../shared/kernel/errors.ts';
import { GraphIndex } from '../../graph.ts';
import { FLOAT, floatTensor, Names, withGraph } from '../build.ts';
import { insertAffine } from '../intervene.ts';
import { locate } from '../locate.ts';
import { prune } from '../prune.ts';
import { type Fold, foldInto } from './fold.ts';
import type { LayerEdit, WeightRewrite } from './types.ts';

export type { LayerEdit, WeightRewrite } from './types.ts';

export interface BakePlan {
  /** The edited graph; its weights are still those of the original files. */
  readonly model: ModelProto;
  /** What is to become of some of those weights; each tensor once. */
  readonly rewrites: readonly WeightRewrite[];
  /** Layers whose edit went into weights, and those that got two constant nodes instead. */
  readonly folded: readonly string[];
  readonly inserted: readonly string[];
}

/**
 *   before   … Conv(W, b) ─ Relu ─ r ─ …
 *   folded   … Conv(sW, sb) ─ Relu ─ r ─ …                 a scale s ≥ 0, or a unit switched to a constant ≥ 0
 *   inserted … Conv(W, b) ─ Relu ─ Mul(s) ─ Add(t) ─ r ─ …  everything else: regions, residual sums, t ≠ 0 after a Relu
 *
 * Edits are pulled up through Relu, LeakyRelu, PRelu and scalar gains into the weights of Conv, ConvTranspose, Gemm,
 * BatchNormalization or InstanceNormalization, as long as nobody else reads what lies between. A weight that other nodes
 * share is copied for this one. Give it the model as it was opened, neither pinned nor freed: the result has exactly the
 * inputs and outputs of the original.
 *
 * @throws GenscopeError as `locate`; `input.invalid` for edits whose lengths do not fit, or two edits of one layer
 */
export function planBake(model: ModelProto, edits: readonly LayerEdit[]): BakePlan {
  const index = new GraphIndex(model);
  const names = new Names(model);
  const edited = new Set(edits.map(({ tensor }) => tensor));
  const folds: Fold[] = [];
  const rest: LayerEdit[] = [];
  for (const edit of edits) {
    checkLengths(edit);
    locate(index, edit.tensor);
    const fold = edit.size === undefined ? foldInto(index, edit, edited, names) : null;
    if (fold === null) rest.push(edit);
    else folds.push(fold);
  }
  const replaced = new Map<NodeProto, NodeProto>(folds.map(({ node, replacement }) => [node, replacement]));
  const folded = withGraph(model, {
    node: index.nodes.map((node) => replaced.get(node) ?? node),
    initializer: [...index.graph.initializer, ...folds.flatMap(({ added }) => added)],
  });
  return {
    model: prune(insertConstants(folded, rest, names)),
    rewrites: folds.flatMap(({ rewrites }) => rewrites),
    folded: folds.map(({ tensor }) => tensor),
    inserted: rest.map(({ tensor }) => tensor),
  };
}

function insertConstants(model: ModelProto, edits: readonly LayerEdit[], names: Names): ModelProto {
  const weights: TensorProto[] = [];
  const constant = (
    { tensor, size, rank = 4, channelAxis = 1 }: LayerEdit,
    what: string,
    values: ArrayLike<number>,
    neutral: number,
  ) => {
    if (Array.from(values).every((value) => value === neutral)) return '';
    const name = names.fresh(`${tensor}/${what}`);
    const [height, width] = size ?? [1, 1];
    const units = values.length / (height * width);
    const tail = size === undefined ? new Array<number>(Math.max(0, rank - 2)).fill(1) : [height, width];
    if (channelAxis === 1) weights.push(floatTensor(name, [1, units, ...tail], values, FLOAT));
    else {
      const turned = channelsLast(Float32Array.from(values), [1, units, height, width]);
      weights.push(floatTensor(name, [1, height, width, units], turned, FLOAT));
    }
    return name;
  };
  const sites = edits.map((edit) => ({
    tensor: edit.tensor,
    scale: constant(edit, 'edit_scale', edit.scale, 1),
    shift: constant(edit, 'edit_shift', edit.shift, 0),
  }));
  return insertAffine(model, sites, names, weights);
}

function checkLengths({ tensor, scale, shift, size }: LayerEdit): void {
  const cells = size === undefined ? 1 : size[0] * size[1];
  if (scale.length === shift.length && scale.length > 0 && scale.length % cells === 0) return;
  throw new GenscopeError(
    'input.invalid',
    `The edit of “${tensor}” has ${scale.length} scales and ${shift.length} shifts, which do not fit together.`,
    'Give one of each for every unit, or for every cell of every unit.',
  );
}

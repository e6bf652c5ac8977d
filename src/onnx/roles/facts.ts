/** The facts about one input that its role, and the kind of the whole model, are decided from. */

import type { NodeProto } from 'onnx-buf';
import { isFloat, isInteger } from '../dtypes.ts';
import type { GraphIndex, GraphTensor } from '../graph.ts';
import { intAttribute, intsAttribute } from '../proto.ts';
import { type NameHint, nameHint } from './names.ts';
import { modulates, takesRowsApart } from './styles.ts';
import { firstUses, leadingUse, type Use } from './uses.ts';

/** What kind of thing an input is, before it is decided what it stands for. */
export type Nature =
  | 'unused'
  /** [N, d], or [d], [N, d, 1, 1] and [N, 1, 1, d]: a latent, a one-hot class or an embedding. */
  | 'vector'
  | 'point'
  /** [N, C, h, w] with C of neither a picture nor a single map: a VAE's latent. */
  | 'grid'
  /** [N, L, D], its rows taken one by one: a style per layer. */
  | 'styles'
  /** [N, L, D], read as a whole: words of a text, tokens of a latent. */
  | 'sequence'
  | 'scalar'
  | 'noiseMap'
  | 'image'
  /** [N, C, h, w] as large as the picture that comes out, with more channels than a picture: a label map, stacked pictures. */
  | 'planes'
  | 'label'
  | 'tokens'
  | 'codes'
  | 'timestep'
  | 'unclear';

export interface InputFacts {
  readonly tensor: GraphTensor;
  readonly nature: Nature;
  readonly hint: NameHint;
  /** d of a vector or point, D of styles; 0 where unknown. */
  readonly width: number;
  /** Classes of a label, entries of a codebook: as many as the table that is looked up in has rows. */
  readonly entries: number;
  /** A vector that does nothing but scale feature maps, layer by layer: w of a synthesis network. */
  readonly modulates: boolean;
  readonly uses: readonly Use[];
  readonly lead: Use | undefined;
}

export function inputFacts(graph: GraphIndex): InputFacts[] {
  return graph.inputs.map((tensor) => {
    const uses = firstUses(graph, tensor.name);
    const lead = leadingUse(uses);
    const hint = nameHint(tensor.name);
    const nature =
      uses.length === 0 && !graph.isOutput(tensor.name)
        ? 'unused'
        : natureOf(graph, tensor, uses, lead, hint);
    return {
      tensor,
      nature,
      hint,
      width: widthOf(graph, tensor, nature, lead),
      entries: entriesOf(graph, lead),
      modulates: nature === 'vector' && modulates(graph, uses),
      uses,
      lead,
    };
  });
}

function natureOf(
  graph: GraphIndex,
  tensor: GraphTensor,
  uses: readonly Use[],
  lead: Use | undefined,
  hint: NameHint,
): Nature {
  const { dtype, shape } = tensor;
  if (shape === null) return 'unclear';
  if (isSeries(shape) && uses.some((use) => feedsWaves(graph, use))) return 'timestep';
  // Keras and its like hand a class over as a float: what is looked up with is an index all the same.
  if (isInteger(dtype) || isIndex(graph, lead)) return indexNature(graph, shape, lead);
  if (!isFloat(dtype)) return 'unclear';
  if (shape.length === 0 || shape.every((dim) => dim === 1)) return 'scalar';
  if (shape.length === 1) {
    if (typeof shape[0] !== 'number' || shape[0] < 2) return 'scalar';
    // [d], for a graph that takes one sample: what a layer reads is more than one number a sample.
    return isLayer(lead) ? 'vector' : 'unclear';
  }
  if (shape.length === 2) return shape[1] === 1 && !isLayer(lead) ? 'scalar' : 'vector';
  if (shape.length === 3) return takesRowsApart(uses) ? 'styles' : 'sequence';
  return shape.length === 4 ? mapNature(graph, shape, lead, hint) : 'unclear';
}

type Shape = NonNullable<GraphTensor['shape']>;

function indexNature(graph: GraphIndex, shape: Shape, lead: Use | undefined): Nature {
  const op = lead?.node.opType;
  const looksUp = op === 'Gather' && lead?.slot === 1;
  // [N, 1, 1]: one number a sample, however many axes it is given.
  if (isIndex(graph, lead) && shape.slice(1).every((dim) => dim === 1)) return 'label';
  if (shape.length === 4) return looksUp ? 'codes' : 'image';
  if (shape.length === 3) return looksUp ? 'codes' : 'unclear';
  if (shape.length === 2 && shape[1] !== 1) {
    if (looksUp) return isConvolved(graph, lead) ? 'codes' : 'tokens';
    return op === 'Gemm' || op === 'MatMul' || op === 'Concat' ? 'vector' : 'unclear';
  }
  return 'unclear';
}

/** What chooses among the rows of a table, or among the places of a one-hot row. */
function isIndex(graph: GraphIndex, lead: Use | undefined): boolean {
  if (lead === undefined) return false;
  const { node, slot } = lead;
  if (node.opType === 'Gather') return slot === 1;
  if (node.opType === 'OneHot') return slot === 0;
  return comparedClasses(graph, lead) > 0;
}

/** K of `index == [0, 1, … K − 1]`, which is how a one-hot row is written without OneHot; 0 for any other comparison. */
function comparedClasses(graph: GraphIndex, { node, slot }: Use): number {
  if (node.opType !== 'Equal') return 0;
  const classes = graph.values(node.input[1 - slot] ?? '');
  const isRange = classes !== null && classes.length > 1 && classes.every((value, k) => value === k);
  return isRange ? classes.length : 0;
}

/** What is looked up is laid out as a map and convolved: codes of a picture, not words of a text. */
function isConvolved(graph: GraphIndex, { node }: Use): boolean {
  const next = leadingUse(firstUses(graph, node.output[0] ?? ''))?.node.opType;
  return next === 'Conv' || next === 'ConvTranspose';
}

function mapNature(graph: GraphIndex, shape: Shape, lead: Use | undefined, hint: NameHint): Nature {
  const [, second, third, fourth] = shape;
  if (third === 1 && (fourth === 1 || second === 1)) return 'point';
  const isMap = second === 1 || fourth === 1;
  if (isMap && (hint === 'noise' || lead?.node.opType === 'Mul' || lead?.node.opType === 'Add'))
    return 'noiseMap';
  const channels =
    typeof second === 'number' && !isPicture(fourth)
      ? second
      : isPicture(fourth)
        ? fourth
        : inChannels(graph, lead);
  if (!isPicture(channels) && isPictureSized(graph, shape, channels)) return 'planes';
  if (channels === 4) {
    if (hint !== 'latent' && !makesColour(graph)) return 'image';
    return isPictureSized(graph, shape, channels) ? 'planes' : 'grid';
  }
  if (hint === 'latent') return 'grid';
  if (channels === 0) return 'unclear';
  return isPicture(channels) ? 'image' : 'grid';
}

/** Stacked frames are enlarged by at most this much, and a decoder's latent by no less than twice. */
const MOST_ENLARGED = 4;
const ENLARGES = new Set(['ConvTranspose', 'Resize', 'Upsample', 'DepthToSpace']);
const REDUCES = new Set(['Conv', 'MaxPool', 'AveragePool']);

/**
 * Whether a map is about as large as the picture that is made of it; a latent's grid is several times smaller. Where sizes
 * are open, operators that enlarge are counted against those that reduce.
 */
function isPictureSized(graph: GraphIndex, shape: Shape, channels: number | string): boolean {
  const picture = graph.outputs.find(
    (output) => output.shape?.length === 4 && (isPicture(output.shape[1]) || isPicture(output.shape[3])),
  );
  if (picture?.shape === undefined || picture.shape === null) return false;
  const sideOf = (dims: Shape) => (isPicture(dims[1]) || !isPicture(dims[3]) ? dims[2] : dims[1]);
  const [before, after] = [shape[2], sideOf(picture.shape)];
  const mayBeFrames = typeof channels === 'number' && channels > 4 && channels % 3 === 0;
  if (typeof before === 'number' && typeof after === 'number')
    return after < 2 * before || (mayBeFrames && after <= MOST_ENLARGED * before);
  const strided = (node: NodeProto) =>
    (intsAttribute(node, 'strides') ?? []).some((step) => Number(step) > 1);
  const enlarging = graph.nodes.filter(
    (node) => ENLARGES.has(node.opType) && (node.opType !== 'ConvTranspose' || strided(node)),
  ).length;
  const reducing = graph.nodes.filter((node) => REDUCES.has(node.opType) && strided(node)).length;
  return enlarging <= reducing;
}

/** Channels that make a picture: grey, RGB, RGBA. */
export function isPicture(channels: number | string | undefined): channels is 1 | 3 | 4 {
  return channels === 1 || channels === 3 || channels === 4;
}

function makesColour(graph: GraphIndex): boolean {
  return graph.outputs.some(({ shape }) => shape?.length === 4 && (shape[1] === 3 || shape[3] === 3));
}

function inChannels(graph: GraphIndex, lead: Use | undefined): number {
  if (lead?.node.opType !== 'Conv' || lead.slot !== 0) return 0;
  return (graph.weightDims(lead.node.input[1] ?? '')?.[1] ?? 0) * intAttribute(lead.node, 'group', 1);
}

function isLayer(use: Use | undefined): boolean {
  return use !== undefined && ['Gemm', 'MatMul', 'Concat', 'Conv', 'ConvTranspose'].includes(use.node.opType);
}

/** One number a sample: [], [N] or [N, 1]. */
function isSeries(shape: Shape): boolean {
  return shape.length < 2 || (shape.length === 2 && shape[1] === 1);
}

/** t · frequencies → sin, cos: the timestep of a diffusion model (rule 2). */
function feedsWaves(graph: GraphIndex, { node }: Use): boolean {
  if (node.opType === 'Sin' || node.opType === 'Cos') return true;
  const output = node.output[0];
  if (node.opType !== 'Mul' || output === undefined) return false;
  return graph.consumers(output).some((next) => next.opType === 'Sin' || next.opType === 'Cos');
}

function entriesOf(graph: GraphIndex, lead: Use | undefined): number {
  if (lead === undefined) return 0;
  if (lead.node.opType === 'OneHot') return graph.scalar(lead.node.input[1] ?? '') ?? 0;
  if (lead.node.opType === 'Equal') return comparedClasses(graph, lead);
  if (lead.node.opType !== 'Gather' || lead.slot !== 1) return 0;
  const table = graph.weightDims(lead.node.input[0] ?? '');
  return table?.[intAttribute(lead.node, 'axis', 0)] ?? 0;
}

function widthOf(graph: GraphIndex, { shape }: GraphTensor, nature: Nature, lead: Use | undefined): number {
  if (shape === null) return 0;
  if (nature === 'styles') return typeof shape[2] === 'number' ? shape[2] : 0;
  if (nature !== 'vector' && nature !== 'point') return 0;
  const [first, second, , fourth] = shape;
  const declared = nature === 'point' && second === 1 ? fourth : shape.length === 1 ? first : second;
  if (typeof declared === 'number') return declared;
  // An undeclared width is the number of rows of the matrix it meets.
  const weight = lead?.slot === 0 ? graph.weightDims(lead.node.input[1] ?? '') : null;
  if (weight === null || lead === undefined) return 0;
  const transposed = lead.node.opType === 'Gemm' && intAttribute(lead.node, 'transB', 0) === 1;
  return (transposed ? weight[1] : weight[0]) ?? 0;
}

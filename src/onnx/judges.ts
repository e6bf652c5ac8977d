/** Models that put out vectors for an image: classifiers, discriminators and encoders, told apart by how the vectors end. */
import type { ModelKind } from '../shared/generator/model.ts';
import type { GraphIndex, GraphTensor } from './graph.ts';
import { isStandard } from './proto.ts';

interface Verdict {
  readonly kind: ModelKind;
  readonly phrase: string;
}

const VECTOR_NAMES = /emb|feat|latent|code|mean|\bmu\b|logvar|^[zw]s?$|w_?plus|style|repr|pool|hidden/i;
const SCORE_NAMES = /logit|prob|score|class|softmax|label|pred|valid/i;

/** The last operator that makes scores of numbers. A Sigmoid may also end an embedding, but rarely does. */
const SCORING = new Set(['Softmax', 'LogSoftmax', 'Sigmoid']);
/** Pooling, normalisation or an activation at the very end: nobody ends a classifier so. */
const DESCRIBING = new Set([
  'GlobalAveragePool',
  'GlobalMaxPool',
  'ReduceMean',
  'AveragePool',
  'BatchNormalization',
  'LayerNormalization',
  'LpNormalization',
  'Relu',
  'LeakyRelu',
  'PRelu',
  'Div',
]);
const MOVES = new Set(['Identity', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Cast', 'Dropout']);
const MAX_STEPS = 16;

/** In order of weight: a name, the last operator, the rank, twins, then the width alone, which is said to be a guess. */
export function judgeVectors(graph: GraphIndex): Verdict {
  const scores = graph.outputs.find((output) => isScore(graph, output));
  if (scores !== undefined) return asScores(scores);
  const vectors = graph.outputs.find((output) => isVector(graph, output));
  if (vectors !== undefined) return asVectors(vectors);
  // The mean and the variance of a latent come in pairs.
  const [first, second] = graph.outputs;
  if (first === undefined) return { kind: 'unknown', phrase: 'a graph without outputs' };
  const width = widthOf(first);
  if (second !== undefined && width > 1 && width === widthOf(second)) return asVectors(first);
  if (width <= 1) return asScores(first);
  // Classes come in all numbers, features in powers of two.
  const isRound = width >= 64 && Number.isInteger(Math.log2(width));
  const kind = isRound ? 'encoder' : 'classifier';
  const count = width.toLocaleString('en');
  const name = isRound ? 'an image encoder' : 'an image classifier';
  const guess = isRound ? `${count} features out, or scores` : `${count} scores out, or features`;
  return { kind, phrase: `${name} (image in, ${guess})` };
}

function isScore(graph: GraphIndex, { name }: GraphTensor): boolean {
  return SCORE_NAMES.test(name) || SCORING.has(lastOperator(graph, name));
}

function isVector(graph: GraphIndex, { name, shape }: GraphTensor): boolean {
  return VECTOR_NAMES.test(name) || shape?.length === 3 || DESCRIBING.has(lastOperator(graph, name));
}

/** What makes the numbers of an output; '' where nothing is known. */
function lastOperator(graph: GraphIndex, output: string): string {
  let name = output;
  for (let i = 0; i < MAX_STEPS; i++) {
    const node = graph.producer(name);
    if (node === undefined || !isStandard(node)) return '';
    if (!MOVES.has(node.opType)) return node.opType;
    name = node.input[0] ?? '';
  }
  return '';
}

/** 0 where it is not written in the graph; 1 for one number a sample. */
function widthOf({ shape }: GraphTensor): number {
  if (shape?.length === 1) return 1;
  const last = shape?.at(-1);
  return typeof last === 'number' ? last : 0;
}

function asScores(output: GraphTensor): Verdict {
  const width = widthOf(output);
  if (width === 1) return { kind: 'discriminator', phrase: 'a discriminator (image in, one score out)' };
  return { kind: 'classifier', phrase: `an image classifier (image in, ${counted(width)} scores out)` };
}

function asVectors({ shape, ...rest }: GraphTensor): Verdict {
  const rows = shape?.length === 3 && typeof shape[1] === 'number' ? `${shape[1]} rows of ` : '';
  const width = counted(widthOf({ ...rest, shape }));
  return { kind: 'encoder', phrase: `an image encoder (image in, ${rows}${width} features out)` };
}

function counted(width: number): string {
  return width > 0 ? width.toLocaleString('en') : 'some';
}

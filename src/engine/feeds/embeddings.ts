/** Inputs that another network makes: fed with rows of a .npy, which are to a sample what its class is elsewhere. */

import type { InputRole } from '../../shared/generator/roles.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { TensorValue, ValueInfo } from '../runtime/session.ts';
import type { FeedRequest } from './request.ts';
import { axesBehindBatch, elements, fill, rowsTensor, tailOf } from './tensors.ts';

/** K rows, float32 [K, …]. */
export interface EmbeddingRows {
  /** As the sidecar spells it. */
  readonly file: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** By the name of the input. */
export type Embeddings = ReadonlyMap<string, EmbeddingRows>;

export const NO_EMBEDDINGS: Embeddings = new Map();

/**
 * What a sample's class is counted in: the classes of a class input; without one, the rows of the longest embedding.
 * 0 where there is neither.
 */
export function classCount(
  roles: Readonly<Record<string, InputRole>>,
  embeddings: Embeddings = NO_EMBEDDINGS,
): number {
  for (const role of Object.values(roles)) if (role.role === 'class') return role.classes;
  return Math.max(0, ...[...embeddings.values()].map(({ shape }) => shape[0] as number));
}

/** Σ weight of class k · row k modulo K, so that an interpolation mixes the rows; zeros without rows. */
export function embeddingFeed(
  input: ValueInfo,
  rows: EmbeddingRows | undefined,
  request: FeedRequest,
): TensorValue {
  const { count, classWeights } = request;
  if (rows === undefined) return fill(input, request, 0);
  const tail = embeddingTail(input, rows, request.fixedRows);
  const [all = 1, ...own] = rows.shape;
  const width = elements(own);
  const size = elements(tail);
  const classes = classWeights.length / count;
  const values = new Float32Array(count * size);
  for (let i = 0; i < count; i++) {
    const sample = values.subarray(i * size, (i + 1) * size);
    for (let k = 0; k < classes; k++) {
      const weight = classWeights[i * classes + k] as number;
      if (weight === 0) continue;
      const first = (k % all) * width;
      // A row of w goes to every layer of w+.
      for (let j = 0; j < size; j++)
        sample[j] = (sample[j] as number) + weight * (rows.values[first + (j % width)] as number);
    }
  }
  return rowsTensor(input, tail, values, request);
}

/**
 * The input's own axes, or the rows' where the graph leaves them open.
 * @throws GenscopeError `input.invalid` when a row is no value of the input
 */
export function embeddingTail(input: ValueInfo, rows: EmbeddingRows, fixedRows = 1): number[] {
  const row = rows.shape.slice(1);
  const axes = axesBehindBatch(input, fixedRows);
  const isOpen = axes.some((size) => typeof size !== 'number');
  const fits =
    axes.length === row.length && axes.every((size, i) => typeof size !== 'number' || size === row[i]);
  if (fits) return [...row];
  if (isOpen && axes.length !== row.length) throw misfit(input, rows);
  const tail = isOpen ? [] : tailOf(input, fixedRows);
  const isFlat = elements(tail) === elements(row);
  const isShared = row.length === 1 && tail.length === 2 && tail[1] === row[0];
  if (isOpen || !(isFlat || isShared)) throw misfit(input, rows);
  return tail;
}

function misfit(input: ValueInfo, { file, shape }: EmbeddingRows): GenscopeError {
  const axes = input.shape.slice(1).map((size) => size || '?');
  return new GenscopeError(
    'input.invalid',
    `The rows of “${file}” do not fit ${input.name}: the file holds [${shape.join(', ')}], the input takes [${['K', ...axes].join(', ')}].`,
    `Save the embeddings as one array of [${['K', ...axes].join(', ')}] with numpy.save.`,
    { next: ['answerRoles'] },
  );
}

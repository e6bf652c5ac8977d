/** `features` and `stats`: pictures or samples as numbers, in a file that pytorch-fid, prdc and NumPy read. */
import path from 'node:path';
import type { Side } from '../../algorithms/scores/types.ts';
import { Moments } from '../../algorithms/stats/moments.ts';
import { GenscopeError } from '../../shared/errors.ts';
import type { FeaturesParams, FeaturesResult, ScoreProgress } from '../../shared/scores.ts';
import { throwIfCancelled } from '../queue.ts';
import { provenanceArrays } from '../reference/provenance.ts';
import { openSide } from '../reference/side.ts';
import { RuntimeAlgebra } from '../runtime/matmul.ts';
import { type NpzValue, requireWritable, writeNpz } from '../runtime/npz.ts';
import type { TaskContext } from './context.ts';

/** Rows of one product. */
const BLOCK = 1024;

/** Mean, covariance (n − 1), and every row. */
export function features(
  params: FeaturesParams,
  context: TaskContext<ScoreProgress>,
): Promise<FeaturesResult> {
  return write(params, context, true);
}

/** Mean and covariance (n − 1) alone: what FID needs. */
export function stats(params: FeaturesParams, context: TaskContext<ScoreProgress>): Promise<FeaturesResult> {
  return write(params, context, false);
}

async function write(
  params: FeaturesParams,
  { models, signal, report }: TaskContext<ScoreProgress>,
  withRows: boolean,
): Promise<FeaturesResult> {
  const file = path.resolve(params.out);
  // A place that cannot be written is refused before any work.
  requireWritable(file);
  const extractor = await models.extractor(params.extractor);
  const { description } = extractor;
  const phase = params.input.kind === 'model' ? 'samples' : 'reference';
  const context = { models, signal, report, phase, cache: params.cache } as const;
  const opened = await openSide(params.input, async () => extractor, description, context);
  const statistics = await statisticsArrays(opened.side, models.threads, signal);
  const rows = withRows ? rowArrays(opened.side) : {};
  await writeNpz(file, { ...statistics, ...rows, ...provenanceArrays(description) });
  return {
    ...{ file, input: opened.description, extractor: description, n: opened.description.count },
    forwardPasses: opened.made,
    warnings: [...extractor.warnings, ...opened.warnings],
  };
}

/** @throws GenscopeError `input.invalid` for fewer than two pictures */
async function statisticsArrays(
  { features: matrix, statistics }: Side,
  threads: number,
  signal: AbortSignal,
): Promise<Record<string, NpzValue>> {
  if (matrix === null && statistics !== null) {
    const { size, mean, covariance, n } = statistics;
    return arraysOf(size, mean, covariance, n ?? 0);
  }
  if (matrix === null || matrix.rows < 2)
    throw new GenscopeError(
      'input.invalid',
      'One picture has no covariance.',
      'Give two or more; for scores, 2,000 or more.',
    );
  const algebra = new RuntimeAlgebra(threads);
  try {
    const moments = new Moments(matrix.columns, algebra);
    for (let from = 0; from < matrix.rows; from += BLOCK) {
      throwIfCancelled(signal);
      const to = Math.min(matrix.rows, from + BLOCK);
      await moments.add(matrix.values.subarray(from * matrix.columns, to * matrix.columns));
    }
    return arraysOf(matrix.columns, moments.state.mean, moments.covariance(), matrix.rows);
  } finally {
    await algebra.release();
  }
}

function arraysOf(size: number, mu: Float64Array, sigma: Float64Array, n: number): Record<string, NpzValue> {
  return {
    mu: { shape: [size], values: mu },
    sigma: { shape: [size, size], values: sigma },
    n: { shape: [], values: Int32Array.of(n) },
  };
}

function rowArrays({ features: matrix, logits, labels }: Side): Record<string, NpzValue> {
  if (matrix === null) return {};
  const { rows, columns, values } = matrix;
  return {
    features: { shape: [rows, columns], values },
    ...(logits && { logits: { shape: [rows, logits.columns], values: logits.values } }),
    ...(labels && { labels: { shape: [rows], values: labels } }),
  };
}

/** `features` and `stats`: pictures or samples as numbers, in a file that pytorch-fid, prdc and NumPy read. */
import path from 'node:path';
import type { Side } from '../../algorithms/scores/types.ts';
import { Moments } from '../../algorithms/stats/moments.ts';
import { requireWritable } from '../../shared/files/atomic.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { FeaturesParams, FeaturesResult, ScoreProgress } from '../../shared/scores/scores.ts';
import { type NpzValue, writeNpz } from '../files/npz.ts';
import { throwIfCancelled } from '../kernel/queue.ts';
import type { TaskContext } from '../models/context.ts';
import type { Models } from '../models/models.ts';
import { RuntimeAlgebra } from '../runtime/matmul.ts';
import { provenanceArrays, provenanceOf, shardArrays } from './provenance.ts';
import { openSide } from './side.ts';
import { statisticsEntries } from './statistics.ts';

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
  const { shard, cache } = params;
  const context = { models, signal, report, phase, cache, ...(shard && { shard }) } as const;
  const opened = await openSide(params.input, async () => extractor, description, context);
  const statistics = await statisticsArrays(opened.side, { models, signal, least: shard ? 1 : 2 });
  const rows = withRows ? rowArrays(opened.side) : {};
  const part = shardArrays(shard ? { ...shard, origin: opened.origin } : null);
  await writeNpz(file, {
    ...statistics,
    ...rows,
    ...provenanceArrays(opened.provenance ?? provenanceOf(description)),
    ...part,
  });
  return {
    ...{ file, input: opened.description, extractor: description, n: opened.description.count },
    forwardPasses: opened.made,
    warnings: [...extractor.warnings, ...opened.warnings],
  };
}

/**
 * One picture has no covariance; as a part of more, it has a scatter of zero.
 *
 * @throws GenscopeError `input.invalid` for fewer pictures than `least`
 */
async function statisticsArrays(
  { features: matrix, statistics }: Side,
  {
    models,
    signal,
    least,
  }: { readonly models: Models; readonly signal: AbortSignal; readonly least: number },
): Promise<Record<string, NpzValue>> {
  if (matrix === null && statistics !== null) {
    const { size, mean, covariance, n } = statistics;
    return statisticsEntries(size, mean, covariance, n ?? 0);
  }
  if (matrix === null || matrix.rows < least)
    throw new GenscopeError(
      'input.invalid',
      'One picture has no covariance.',
      'Give two or more; for scores, 2,000 or more.',
    );
  const algebra = new RuntimeAlgebra(models.threads);
  try {
    const moments = new Moments(matrix.columns, algebra);
    for (let from = 0; from < matrix.rows; from += BLOCK) {
      throwIfCancelled(signal);
      const to = Math.min(matrix.rows, from + BLOCK);
      await moments.add(matrix.values.subarray(from * matrix.columns, to * matrix.columns));
    }
    const { mean } = moments.state;
    const covariance = matrix.rows > 1 ? moments.covariance() : new Float64Array(matrix.columns ** 2);
    return statisticsEntries(matrix.columns, mean, covariance, matrix.rows);
  } finally {
    await algebra.release();
  }
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

/** The loop that every picture comes out of: latents, batches of the right size, pixels; cancellable between batches. */
import { type PlannedLatents, planLatents } from '../../algorithms/latent/plan.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { NoiseMode } from '../../shared/protocol.ts';
import type { LatentPlan } from '../../shared/samples/latents.ts';
import type { Quantisation } from '../../shared/scores/scores.ts';
import type { FeedRequest } from '../feeds/feeds.ts';
import type { Generator } from '../generator/generator.ts';
import { nextTurn, throwIfCancelled } from '../kernel/queue.ts';
import { toPictures } from '../pictures/pixels.ts';
import type { PictureStack } from '../runtime/imageCodec.ts';
import { BatchSizer } from './batching.ts';

export interface SampledBatch {
  readonly offset: number;
  readonly pictures: PictureStack;
  /** The latents they were made from, [count, d]. */
  readonly latents: Float32Array;
  /** Pixel values that were not finite numbers; they are drawn black. */
  readonly nonFinite: number;
}

export interface SamplingOptions {
  readonly signal: AbortSignal;
  readonly noise?: NoiseMode;
  /** Without it, round. */
  readonly quantisation?: Quantisation;
}

/** A stray infinity may be drawn black with a warning; more than this share is a broken model. */
const MOST_NON_FINITE = 0.01;

/**
 * The pictures of a plan, batch by batch, in order.
 * @throws GenscopeError `request.cancelled` between batches; `model.nonFinite` when more than 1 % of a batch is not a number
 */
export async function* samplePictures(
  generator: Generator,
  plan: LatentPlan,
  options: SamplingOptions,
): AsyncGenerator<SampledBatch> {
  const planned = planLatents(plan, generator.latentSize, generator.classes);
  const { truncation } = plan.source;
  if (truncation.mode === 'psi') await generator.preparePsi(truncation.psi, options.signal);
  const sizer = new BatchSizer(generator.rowsPerRun);
  for (let offset = 0; offset < planned.count; ) {
    throwIfCancelled(options.signal);
    const started = performance.now();
    const count = sizer.next(planned.count - offset);
    const batch = await sampleBatch(generator, planned, plan, { offset, count }, options);
    sizer.learn(count, performance.now() - started);
    yield batch;
    offset += count;
    await nextTurn();
  }
}

/** Some samples of a plan in one run; for ψ, `preparePsi` comes first. */
export async function sampleBatch(
  generator: Generator,
  planned: PlannedLatents,
  plan: LatentPlan,
  { offset, count }: { readonly offset: number; readonly count: number },
  { noise = 'random', quantisation }: Omit<SamplingOptions, 'signal'>,
): Promise<SampledBatch> {
  const request = requestOf(planned, plan, offset, count, noise);
  const { truncation } = plan.source;
  const image = await generator.run(request, truncation.mode === 'psi' ? truncation.psi : 1);
  const { pictures, nonFinite } = toPictures(image, generator.imageRole, quantisation);
  requireFinite(nonFinite, image.data.length, generator.fileName);
  return { offset, pictures, latents: request.latents, nonFinite };
}

/** What the samples `offset` … `offset + count − 1` of a plan are made from. */
export function requestOf(
  planned: PlannedLatents,
  plan: LatentPlan,
  offset: number,
  count: number,
  noise: NoiseMode,
): FeedRequest {
  const indices = Array.from({ length: count }, (_, i) => offset + i);
  const { truncation } = plan.source;
  const nearestSeeds = indices.map((i) => planned.nearestSeed(i));
  return {
    count,
    latents: planned.rows(offset, count),
    classWeights: planned.classWeights(offset, count),
    // In a stream no seed makes the latent, but each sample has noise of its own; along a path the noise stands still.
    seeds:
      plan.kind === 'seeds' || plan.kind === 'picks'
        ? nearestSeeds
        : indices.map((i) => planned.describe(i).seed),
    nearestSeeds,
    noise,
    truncation: truncation.mode === 'input' ? truncation.value : 1,
  };
}

/** @throws GenscopeError `model.nonFinite` when too many of a model's values are not numbers */
export function requireFinite(nonFinite: number, values: number, file: string): void {
  if (nonFinite <= values * MOST_NON_FINITE) return;
  throw new GenscopeError(
    'model.nonFinite',
    `${file} puts out numbers that are not finite (NaN or infinity) instead of pictures.`,
    'The training diverged or a half-precision export overflowed: try an earlier checkpoint, or export in float32.',
  );
}

/** The loop that every picture comes out of: latents, batches of the right size, pixels; cancellable between batches. */
import { type PlannedLatents, planLatents } from '../algorithms/latent/plan.ts';
import { GenscopeError } from '../shared/errors.ts';
import type { LatentPlan } from '../shared/latents.ts';
import type { NoiseMode } from '../shared/protocol.ts';
import { BatchSizer } from './batching.ts';
import type { Generator } from './generator.ts';
import { toPictures } from './pixels.ts';
import { nextTurn, throwIfCancelled } from './queue.ts';
import type { PictureStack } from './runtime/imageCodec.ts';

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
  const sizer = new BatchSizer(generator.batch === 'free');
  for (let offset = 0; offset < planned.count; ) {
    throwIfCancelled(options.signal);
    const started = performance.now();
    const count = sizer.next(planned.count - offset);
    const batch = await sampleBatch(generator, planned, plan, offset, count, options.noise ?? 'random');
    sizer.learn(count, performance.now() - started);
    yield batch;
    offset += count;
    await nextTurn();
  }
}

async function sampleBatch(
  generator: Generator,
  planned: PlannedLatents,
  plan: LatentPlan,
  offset: number,
  count: number,
  noise: NoiseMode,
): Promise<SampledBatch> {
  const latents = planned.rows(offset, count);
  const seeds = Array.from({ length: count }, (_, i) => planned.describe(offset + i).seed);
  const image = await generator.run({
    count,
    latents,
    classWeights: planned.classWeights(offset, count),
    seeds,
    noise,
    truncation: plan.source.truncation.mode === 'input' ? plan.source.truncation.value : 1,
  });
  const { pictures, nonFinite } = toPictures(image, generator.imageRole);
  const values = image.data.length;
  if (nonFinite > values * MOST_NON_FINITE) throw nonFiniteError(generator.fileName);
  return { offset, pictures, latents, nonFinite };
}

function nonFiniteError(file: string): GenscopeError {
  return new GenscopeError(
    'model.nonFinite',
    `${file} puts out numbers that are not finite (NaN or infinity) instead of pictures.`,
    'The training diverged or a half-precision export overflowed: try an earlier checkpoint, or export in float32.',
  );
}

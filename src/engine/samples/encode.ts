/** `encodeStill` and `encodeAnimation`: pictures as the bytes of a file. Whoever asked decides where they go. */

import type {
  EncodeAnimationParams,
  EncodedFile,
  EncodeStillParams,
  WorkProgress,
} from '../../shared/protocol.ts';
import { planCount } from '../../shared/samples/latents.ts';
import { requireFits, zoomFor } from '../kernel/pictureBudget.ts';
import { workProgress } from '../kernel/progress.ts';
import type { TaskContext } from '../models/context.ts';
import { asGrid, joinPictures } from '../pictures/pixels.ts';
import {
  encodeAnimation as encodeFrames,
  encodePng,
  enlarge,
  type PictureStack,
} from '../runtime/imageCodec.ts';
import { samplePictures } from './sampling.ts';

/** A plan as one PNG at the generator's own resolution; `columns` wide when it has more than one sample. */
export async function encodeStill(
  params: EncodeStillParams,
  context: TaskContext<WorkProgress>,
): Promise<EncodedFile> {
  const stacks = await collect(params, context, 0);
  const count = planCount(params.plan);
  const grid = asGrid(stacks, params.columns ?? Math.ceil(Math.sqrt(count)));
  return { bytes: await encodePng(grid), mime: 'image/png', extension: 'png' };
}

export async function encodeAnimation(
  params: EncodeAnimationParams,
  context: TaskContext<WorkProgress>,
): Promise<EncodedFile> {
  const joined = joinPictures(await collect(params, context, params.minSide));
  const zoom = zoomFor(joined, params.minSide);
  const bytes = await encodeFrames(enlarge(joined, zoom), params.format, 1000 / params.framesPerSecond);
  return { bytes, mime: `image/${params.format}`, extension: params.format };
}

async function collect(
  params: EncodeStillParams,
  context: TaskContext<WorkProgress>,
  minSide: number,
): Promise<PictureStack[]> {
  const generator = await context.models.generator(params.model);
  const total = planCount(params.plan);
  requireFits(total, generator.image, zoomFor(generator.image, minSide));
  const progress = workProgress(total, context.report);
  const stacks: PictureStack[] = [];
  for await (const batch of samplePictures(generator, params.plan, { signal: context.signal })) {
    stacks.push(batch.pictures);
    progress(batch.offset + batch.pictures.count);
  }
  return stacks;
}

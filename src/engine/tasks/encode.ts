/** `encodeStill` and `encodeAnimation`: pictures as the bytes of a file. Whoever asked decides where they go. */
import { GenscopeError } from '../../shared/errors.ts';
import { planCount } from '../../shared/latents.ts';
import type {
  EncodeAnimationParams,
  EncodedFile,
  EncodeStillParams,
  WorkProgress,
} from '../../shared/protocol.ts';
import { asGrid, joinPictures } from '../pixels.ts';
import { workProgress } from '../progress.ts';
import {
  encodeAnimation as encodeFrames,
  encodePng,
  enlarge,
  type PictureStack,
} from '../runtime/imageCodec.ts';
import { samplePictures } from '../sampling.ts';
import type { TaskContext } from './context.ts';

/** Beyond this a picture no longer fits into what an encoder takes as one buffer. */
const MOST_BYTES = 1.5e9;

/** A plan as one PNG at the generator's own resolution; `columns` wide when it has more than one sample. */
export async function encodeStill(
  params: EncodeStillParams,
  context: TaskContext<WorkProgress>,
): Promise<EncodedFile> {
  const stacks = await collect(params, context);
  const count = planCount(params.plan);
  const grid = asGrid(stacks, params.columns ?? Math.ceil(Math.sqrt(count)));
  return { bytes: await encodePng(grid), mime: 'image/png', extension: 'png' };
}

export async function encodeAnimation(
  params: EncodeAnimationParams,
  context: TaskContext<WorkProgress>,
): Promise<EncodedFile> {
  const stacks = await collect(params, context);
  const joined = joinPictures(stacks);
  const zoom = Math.max(1, Math.ceil(params.minSide / Math.min(joined.width, joined.height)));
  const bytes = await encodeFrames(enlarge(joined, zoom), params.format, 1000 / params.framesPerSecond);
  return { bytes, mime: `image/${params.format}`, extension: params.format };
}

async function collect(
  params: EncodeStillParams,
  context: TaskContext<WorkProgress>,
): Promise<PictureStack[]> {
  const generator = await context.models.generator(params.model);
  const total = planCount(params.plan);
  const { width, height } = generator.image;
  if (total * width * height * 4 > MOST_BYTES) {
    throw new GenscopeError(
      'input.invalid',
      `${total} pictures of ${width}×${height} do not fit into one file.`,
      'Save fewer, or save them as separate files.',
    );
  }
  const progress = workProgress(total, context.report);
  const stacks: PictureStack[] = [];
  for await (const batch of samplePictures(generator, params.plan, { signal: context.signal })) {
    stacks.push(batch.pictures);
    progress(batch.offset + batch.pictures.count);
  }
  return stacks;
}

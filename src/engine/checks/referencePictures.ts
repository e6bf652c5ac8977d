/** `referencePictures`: real images that an answer names by their places, for the screen. */

import type { ReferencePicturesParams } from '../../shared/checks/lookRequests.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { Frames } from '../../shared/protocol.ts';
import { openRows } from '../features/imagesSource.ts';
import type { PictureSource } from '../features/pictureSource.ts';
import { openImageSource } from '../features/side.ts';
import { nextTurn, throwIfCancelled } from '../kernel/queue.ts';
import type { TaskContext } from '../models/context.ts';
import type { SampledBatch } from '../samples/sampling.ts';
import { sendFrames } from '../samples/sendFrames.ts';

/** @throws GenscopeError as opening the reference fails; `reference.invalid` where it is not what it was */
export async function referencePictures(
  { path, most, seed, count, rows, maxSide, encoding }: ReferencePicturesParams,
  { signal, report }: Pick<TaskContext<Frames>, 'signal' | 'report'>,
): Promise<{ count: number }> {
  const images = await openImageSource(path, signal);
  try {
    const source = openRows(images, { most, seed });
    if (source.count !== count || rows.some((row) => row >= count)) throw changed(images.name);
    const { count: sent } = await sendFrames(read(source, rows, signal), { maxSide, encoding }, report);
    return { count: sent };
  } finally {
    images.close();
  }
}

/** One by one: sizes may differ. */
async function* read(
  source: Pick<PictureSource, 'read'>,
  rows: readonly number[],
  signal: AbortSignal,
): AsyncGenerator<SampledBatch> {
  for (const [offset, row] of rows.entries()) {
    throwIfCancelled(signal);
    const { stacks } = await source.read(row, 1, 0);
    const [pictures] = stacks;
    if (pictures === undefined) throw changed('The reference');
    yield { offset, pictures, latents: new Float32Array(0), nonFinite: 0 };
    await nextTurn();
  }
}

function changed(name: string): GenscopeError {
  return new GenscopeError(
    'reference.invalid',
    `${name} does not hold the images any more that were looked at.`,
    'Look again.',
  );
}

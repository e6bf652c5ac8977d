/** Pictures on their way to a screen: made smaller, encoded, and sent as soon as a batch is done. */
import type { FrameEncoding, Frames } from '../../shared/protocol.ts';
import { encodeWebp, type PictureStack, shrink } from '../runtime/imageCodec.ts';
import type { SampledBatch } from './sampling.ts';

/** The host passes each message on in one go: small ones keep its event loop free for everything else. */
const MESSAGE_BYTES = 256 * 1024;
/** WebP's own limit on a side; the pictures of a batch travel stacked. */
const WEBP_SIDE = 16_383;

export interface FrameOptions {
  /** Longest side of a frame; never enlarged. */
  readonly maxSide: number;
  readonly encoding: FrameEncoding;
}

/** @returns how many pictures were sent, and what is to be warned of */
export async function sendFrames(
  batches: AsyncIterable<SampledBatch>,
  { maxSide, encoding }: FrameOptions,
  send: (frames: Frames) => void,
): Promise<{ count: number; warnings: string[] }> {
  let count = 0;
  let nonFinite = 0;
  for await (const batch of batches) {
    nonFinite += batch.nonFinite;
    count += batch.pictures.count;
    const small = await shrink(batch.pictures, maxSide);
    for await (const frames of encodeFrames(small, batch.offset, encoding)) send(frames);
  }
  const warnings =
    nonFinite > 0
      ? [`${nonFinite.toLocaleString('en')} pixel values were not finite and are drawn black.`]
      : [];
  return { count, warnings };
}

async function* encodeFrames(
  pictures: PictureStack,
  offset: number,
  encoding: Frames['encoding'],
): AsyncGenerator<Frames> {
  const { width, height } = pictures;
  const fit = Math.floor(MESSAGE_BYTES / (width * height * 4));
  const most = Math.max(1, Math.min(fit, Math.floor(WEBP_SIDE / height)));
  for (let first = 0; first < pictures.count; first += most) {
    const part = slice(pictures, first, Math.min(most, pictures.count - first));
    const data = encoding === 'webp' ? await encodeWebp(part) : part.data;
    yield { offset: offset + first, count: part.count, width, height, encoding, data };
  }
}

function slice(pictures: PictureStack, first: number, count: number): PictureStack {
  const bytes = pictures.width * pictures.height * 4;
  return { ...pictures, count, data: pictures.data.subarray(first * bytes, (first + count) * bytes) };
}

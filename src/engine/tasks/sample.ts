/** `sample`: frames for the screen, sent as soon as a batch is done. */
import type { Frames, SampleParams, SampleResult } from '../../shared/protocol.ts';
import { encodeWebp, type PictureStack, shrink } from '../runtime/imageCodec.ts';
import { samplePictures } from '../sampling.ts';
import type { TaskContext } from './context.ts';
import { requireUnchanged } from './unchanged.ts';

/** The host passes each message on in one go: small ones keep its event loop free for everything else. */
const MESSAGE_BYTES = 256 * 1024;
/** WebP's own limit on a side; the pictures of a batch travel stacked. */
const WEBP_SIDE = 16_383;

export async function sample(params: SampleParams, context: TaskContext<Frames>): Promise<SampleResult> {
  const started = performance.now();
  requireUnchanged(params.model, params.stamp);
  const generator = await context.models.generator(params.model);
  const runBefore = generator.runMs;
  let count = 0;
  let nonFinite = 0;
  for await (const batch of samplePictures(generator, params.plan, { signal: context.signal })) {
    nonFinite += batch.nonFinite;
    count += batch.pictures.count;
    const small = await shrink(batch.pictures, params.maxSide);
    for await (const frames of encodeFrames(small, batch.offset, params.encoding)) context.report(frames);
  }
  const warnings = [...generator.warnings];
  if (nonFinite > 0)
    warnings.push(`${nonFinite.toLocaleString('en')} pixel values were not finite and are drawn black.`);
  return { count, ms: performance.now() - started, runMs: generator.runMs - runBefore, warnings };
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

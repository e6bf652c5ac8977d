/** `exportSamples`: many samples into a folder, never all in memory. */
import path from 'node:path';
import { makeFolder } from '../../shared/files/atomic.ts';
import type { ExportSamplesParams, ExportSamplesResult, WorkProgress } from '../../shared/protocol.ts';
import { planCount } from '../../shared/samples/latents.ts';
import { NpyWriter } from '../files/npy.ts';
import { workProgress } from '../kernel/progress.ts';
import type { TaskContext } from '../models/context.ts';
import { withoutAlpha } from '../pictures/pixels.ts';
import { samplePictures } from './sampling.ts';
import { pictureName, writePngs } from './writePngs.ts';

/** Writes `latents.npy` float32 [N, d] and either `images.npy` uint8 [N, H, W, 3] or one PNG a sample. */
export async function exportSamples(
  params: ExportSamplesParams,
  context: TaskContext<WorkProgress>,
): Promise<ExportSamplesResult> {
  const started = performance.now();
  const generator = await context.models.generator(params.model);
  const total = planCount(params.plan);
  makeFolder(params.folder);
  const inFolder = (name: string) => path.join(params.folder, name);
  const latents = new NpyWriter(inFolder('latents.npy'), '<f4', [total, generator.latentSize]);
  const { width, height } = generator.image;
  const images =
    params.images === 'npy' ? new NpyWriter(inFolder('images.npy'), '|u1', [total, height, width, 3]) : null;
  const progress = workProgress(total, context.report);
  try {
    for await (const batch of samplePictures(generator, params.plan, { signal: context.signal })) {
      latents.append(batch.latents);
      if (images) images.append(withoutAlpha(batch.pictures));
      else await writePngs(batch.pictures, params.folder, (i) => pictureName(batch.offset + i));
      progress(batch.offset + batch.pictures.count);
    }
  } catch (thrown) {
    latents.abandon();
    images?.abandon();
    throw thrown;
  }
  latents.close();
  images?.close();
  return {
    folder: params.folder,
    files: images ? 2 : total + 1,
    seconds: (performance.now() - started) / 1000,
  };
}

/** `segmentation` and `describeSegmenter`: what a segmentation network is, and what it sees in samples. */
import { NO_CONCEPT } from '../../algorithms/dissection/labelMap.ts';
import type { WorkProgress } from '../../shared/protocol.ts';
import { planCount } from '../../shared/samples/latents.ts';
import type {
  Segmentation,
  SegmentationParams,
  SegmenterDescription,
} from '../../shared/units/dissection.ts';
import { workProgress } from '../kernel/progress.ts';
import type { TaskContext } from '../models/context.ts';
import { requireUnchanged } from '../open/modelFile.ts';
import { samplePictures } from '../samples/sampling.ts';
import { mapSize } from './maps.ts';

export async function describeSegmenter(
  { folder }: { readonly folder: string },
  context: TaskContext<never>,
): Promise<{ segmenter: SegmenterDescription; warnings: readonly string[] }> {
  const { description, warnings } = await context.models.segmenter(folder);
  return { segmenter: description, warnings };
}

export async function segmentation(
  params: SegmentationParams,
  context: TaskContext<WorkProgress>,
): Promise<Segmentation> {
  requireUnchanged(params.model, params.stamp);
  const generator = await context.models.generator(params.model);
  const segmenter = await context.models.segmenter(params.segmenter);
  const [height, width] = mapSize(generator.image, params.resolution);
  const total = planCount(params.plan);
  const labels = new Uint16Array(total * height * width).fill(NO_CONCEPT);
  const progress = workProgress(total, context.report);
  for await (const { offset, pictures } of samplePictures(generator, params.plan, {
    signal: context.signal,
  })) {
    const maps = await segmenter.segment(pictures, [height, width]);
    maps.forEach(({ planes }, i) => {
      const [first] = planes;
      if (first) labels.set(first, (offset + i) * height * width);
    });
    progress(offset + pictures.count);
  }
  return { height, width, labels, concepts: segmenter.description.concepts };
}

/** Batches of samples into their files, with a progress bar; files that are not finished are taken away. */
import { workProgress } from '../engine/kernel/progress.ts';
import type { SampledBatch } from '../engine/samples/sampling.ts';
import type { SampleWriters } from './sampleWriters.ts';
import { progressBar } from './terminal.ts';

/** @returns what is to be warned of */
export async function writeSamples(
  batches: AsyncIterable<SampledBatch>,
  writers: SampleWriters,
  total: number,
): Promise<string[]> {
  const bar = progressBar('sampling');
  const progress = workProgress(total, bar.update);
  let nonFinite = 0;
  try {
    for await (const batch of batches) {
      nonFinite += batch.nonFinite;
      writers.add(batch);
      progress(batch.offset + batch.pictures.count);
    }
    bar.end();
    await writers.finish();
  } catch (thrown) {
    bar.end();
    writers.abandon();
    throw thrown;
  }
  return nonFinite > 0 ? [`${nonFinite} pixel values were not finite and are drawn black.`] : [];
}

/** `sample`: frames for the screen, sent as soon as a batch is done. */
import type { Frames, SampleParams, SampleResult } from '../../shared/protocol.ts';
import type { TaskContext } from '../models/context.ts';
import { requireUnchanged } from '../open/modelFile.ts';
import { samplePictures } from './sampling.ts';
import { sendFrames } from './sendFrames.ts';

export async function sample(params: SampleParams, context: TaskContext<Frames>): Promise<SampleResult> {
  const started = performance.now();
  requireUnchanged(params.model, params.stamp);
  const generator = await context.models.generator(params.model);
  const runBefore = generator.runMs;
  const batches = samplePictures(generator, params.plan, { signal: context.signal });
  const { count, warnings } = await sendFrames(batches, params, context.report);
  return {
    ...{ count, ms: performance.now() - started, runMs: generator.runMs - runBefore },
    warnings: [...generator.warnings, ...warnings],
  };
}

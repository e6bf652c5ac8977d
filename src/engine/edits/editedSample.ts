/** `editedSample`: frames under a stack of edits, while a person moves a slider. */
import type { EditedSampleParams } from '../../shared/edits/interventions.ts';
import type { Frames, SampleResult } from '../../shared/protocol.ts';
import type { TaskContext } from '../models/context.ts';
import { requireUnchanged } from '../open/modelFile.ts';
import { sendFrames } from '../samples/sendFrames.ts';
import { sampleEdited } from './editedSampling.ts';
import { editable } from './open.ts';

/** @throws GenscopeError as `sample`; `input.invalid` for edits that do not fit the generator */
export async function editedSample(
  params: EditedSampleParams,
  context: TaskContext<Frames>,
): Promise<SampleResult> {
  const started = performance.now();
  requireUnchanged(params.model, params.stamp);
  const source = await editable(context.models, params.model);
  const runBefore = source.edited.runMs;
  const batches = sampleEdited(source, params.plan, params.edits, { signal: context.signal });
  const { count, warnings } = await sendFrames(batches, params, context.report);
  return {
    ...{ count, ms: performance.now() - started, runMs: source.edited.runMs - runBefore },
    warnings: [...source.generator.warnings, ...warnings],
  };
}

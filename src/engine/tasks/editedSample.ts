/** `editedSample`: frames under a stack of edits, while a person moves a slider. */
import type { EditedSampleParams } from '../../shared/interventions.ts';
import type { Frames, SampleResult } from '../../shared/protocol.ts';
import { sampleEdited } from '../edits/editedSampling.ts';
import { editable } from '../edits/open.ts';
import { requireUnchanged } from '../modelFile.ts';
import { sendFrames } from '../sendFrames.ts';
import type { TaskContext } from './context.ts';

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

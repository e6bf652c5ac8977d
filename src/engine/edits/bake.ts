/** `bake`: the generator under edits as an ONNX file that any runtime loads. */
import type { BakeParams, BakeResult } from '../../shared/edits/interventions.ts';
import type { WorkProgress } from '../../shared/protocol.ts';
import type { TaskContext } from '../models/context.ts';
import { bakeToFile } from './bakeFile.ts';
import { editable } from './open.ts';

/** @throws GenscopeError as `bakeToFile`, and `input.invalid` for edits that do not fit the generator */
export async function bake(params: BakeParams, context: TaskContext<WorkProgress>): Promise<BakeResult> {
  const { generator, found } = await editable(context.models, params.model);
  const layers = found.forEdits(params.edits);
  return bakeToFile(generator.file, params.edits, layers, params.target, context.signal);
}

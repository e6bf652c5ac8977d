/** `exportPairs`: every sample before and after the edits as PNG files, with the edits beside them. */
import path from 'node:path';
import type { Edit, EditFile } from '../../shared/edits/edits.ts';
import type { ExportPairsParams } from '../../shared/edits/interventions.ts';
import { makeFolder, writeFileAtomic } from '../../shared/files/atomic.ts';
import type { ExportSamplesResult, WorkProgress } from '../../shared/protocol.ts';
import { planCount } from '../../shared/samples/latents.ts';
import { workProgress } from '../kernel/progress.ts';
import type { TaskContext } from '../models/context.ts';
import { pictureName, writePngs } from '../samples/writePngs.ts';
import { sampleEdited } from './editedSampling.ts';
import { editable } from './open.ts';

/**
 * `sample-000000-before.png`, `sample-000000-after.png`, …, at the generator's own size, and `edit.genscope-edit.json`.
 * @throws GenscopeError as sampling does; `output.notWritable`
 */
export async function exportPairs(
  params: ExportPairsParams,
  context: TaskContext<WorkProgress>,
): Promise<ExportSamplesResult> {
  const started = performance.now();
  const { plan, edits, folder } = params;
  const source = await editable(context.models, params.model);
  const total = 2 * planCount(plan);
  const progress = workProgress(total, context.report);
  makeFolder(folder);
  writeEdits(edits, path.join(folder, 'edit.genscope-edit.json'));
  let done = 0;
  for (const [stack, which] of [
    [[], 'before'],
    [edits, 'after'],
  ] as const) {
    for await (const batch of sampleEdited(source, plan, stack, { signal: context.signal })) {
      await writePngs(batch.pictures, folder, (i) => pictureName(batch.offset + i, `-${which}`));
      done += batch.pictures.count;
      progress(done);
    }
  }
  return { folder, files: total + 1, seconds: (performance.now() - started) / 1000 };
}

/** What the pictures were made with: `genscope edit --edit` takes it. */
function writeEdits(edits: readonly Edit[], file: string): void {
  const content: EditFile = { schema: 1, name: 'edit', edits };
  writeFileAtomic(file, `${JSON.stringify(content, null, 2)}\n`);
}

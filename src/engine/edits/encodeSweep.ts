/** `encodeSweep`: the samples as a grid while the strength of some edits goes from one value to another, and back. */
import type { EncodeSweepParams } from '../../shared/edits/interventions.ts';
import type { EncodedFile, WorkProgress } from '../../shared/protocol.ts';
import { planCount } from '../../shared/samples/latents.ts';
import { requireFits, zoomFor } from '../kernel/pictureBudget.ts';
import { workProgress } from '../kernel/progress.ts';
import type { TaskContext } from '../models/context.ts';
import { asGrid, joinPictures } from '../pictures/pixels.ts';
import { encodeAnimation, enlarge, type PictureStack } from '../runtime/imageCodec.ts';
import { sampleEdited } from './editedSampling.ts';
import { editable } from './open.ts';

/** @throws GenscopeError as sampling does; `input.invalid` for more than fits into one file */
export async function encodeSweep(
  params: EncodeSweepParams,
  context: TaskContext<WorkProgress>,
): Promise<EncodedFile> {
  const { plan, steps, format } = params;
  const source = await editable(context.models, params.model);
  const count = planCount(plan);
  const columns = Math.min(params.columns, count);
  const { width, height } = source.generator.image;
  const frame = { width: width * columns, height: height * Math.ceil(count / columns) };
  const zoom = zoomFor(frame, params.minSide);
  requireFits(2 * steps, frame, zoom);
  const progress = workProgress(steps * count, context.report);
  const there: PictureStack[] = [];
  for (let step = 0; step < steps; step++) {
    const stacks: PictureStack[] = [];
    const edits = editsAt(params, steps > 1 ? step / (steps - 1) : 0);
    for await (const batch of sampleEdited(source, plan, edits, { signal: context.signal })) {
      stacks.push(batch.pictures);
      progress(step * count + batch.offset + batch.pictures.count);
    }
    there.push(asGrid(stacks, columns));
  }
  const frames = joinPictures([...there, ...there.toReversed()]);
  const bytes = await encodeAnimation(enlarge(frames, zoom), format, 1000 / params.framesPerSecond);
  return { bytes, mime: `image/${format}`, extension: format };
}

/** The edits when the sweep has gone the share `t` of its way. */
function editsAt({ edits, swept, from, to }: EncodeSweepParams, t: number) {
  const strength = from + (to - from) * t;
  return edits.map((edit) => (swept.includes(edit.id) ? { ...edit, strength } : edit));
}

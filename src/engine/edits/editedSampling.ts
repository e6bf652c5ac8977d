/** The pictures of a plan under edits, batch by batch: what `samplePictures` is without them. */
import { type PlannedLatents, planLatents } from '../../algorithms/latent/plan.ts';
import type { Edit } from '../../shared/edits.ts';
import type { LatentPlan } from '../../shared/latents.ts';
import type { LayerDescription } from '../../shared/model.ts';
import type { Generator } from '../generator.ts';
import { joinPictures, toPictures } from '../pixels.ts';
import { nextTurn, throwIfCancelled } from '../queue.ts';
import type { PictureStack } from '../runtime/imageCodec.ts';
import { requestOf, requireFinite, type SampledBatch, type SamplingOptions } from '../sampling.ts';
import type { EditedGenerator } from './editedGenerator.ts';
import { editedLayers } from './stack.ts';

const BATCH = 16;

export interface EditedSource {
  readonly generator: Generator;
  readonly edited: EditedGenerator;
  readonly layers: readonly LayerDescription[];
}

/**
 * @throws GenscopeError as `samplePictures`; `input.invalid` for edits that do not fit the generator
 */
export async function* sampleEdited(
  source: EditedSource,
  plan: LatentPlan,
  edits: readonly Edit[],
  options: SamplingOptions,
): AsyncGenerator<SampledBatch> {
  const { generator } = source;
  const planned = planLatents(plan, generator.latentSize, generator.classes);
  const { truncation } = plan.source;
  if (truncation.mode === 'psi' && truncation.psi !== 1)
    await generator.preparePsi(truncation.psi, options.signal);
  for (let offset = 0; offset < planned.count; offset += BATCH) {
    throwIfCancelled(options.signal);
    const count = Math.min(BATCH, planned.count - offset);
    yield await editedBatch(source, planned, plan, edits, { offset, count }, options);
    await nextTurn();
  }
}

/** Some samples of a plan under edits; for ψ, `preparePsi` comes first. */
export async function editedBatch(
  { generator, edited, layers }: EditedSource,
  planned: PlannedLatents,
  plan: LatentPlan,
  edits: readonly Edit[],
  { offset, count }: { readonly offset: number; readonly count: number },
  { noise = 'random', quantisation }: Omit<SamplingOptions, 'signal'>,
): Promise<SampledBatch> {
  const { truncation } = plan.source;
  const psi = truncation.mode === 'psi' ? truncation.psi : 1;
  const request = requestOf(planned, plan, offset, count, noise);
  const keys = Array.from({ length: count }, (_, i) => {
    const { seed, classIndex } = planned.describe(offset + i);
    return seed === null ? null : { seed, classIndex };
  });
  const stack = editedLayers(edits, layers, keys);
  const samples = JSON.stringify([plan, offset, count, noise]);
  const parts: PictureStack[] = [];
  let bad = 0;
  for await (const { image } of edited.run({ samples, request, stack, psi })) {
    const { pictures, nonFinite } = toPictures(image, generator.imageRole, quantisation);
    requireFinite(nonFinite, image.data.length, generator.fileName);
    parts.push(pictures);
    bad += nonFinite;
  }
  return { offset, pictures: joinPictures(parts), latents: request.latents, nonFinite: bad };
}

/** The pictures of a plan under edits, batch by batch: what `samplePictures` is without them. */
import { planLatents } from '../../algorithms/latent/plan.ts';
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
  { generator, edited, layers }: EditedSource,
  plan: LatentPlan,
  edits: readonly Edit[],
  options: SamplingOptions,
): AsyncGenerator<SampledBatch> {
  const planned = planLatents(plan, generator.latentSize, generator.classes);
  const { truncation } = plan.source;
  const psi = truncation.mode === 'psi' ? truncation.psi : 1;
  if (psi !== 1) await generator.preparePsi(psi, options.signal);
  for (let offset = 0; offset < planned.count; offset += BATCH) {
    throwIfCancelled(options.signal);
    const count = Math.min(BATCH, planned.count - offset);
    const request = requestOf(planned, plan, offset, count, options.noise ?? 'random');
    const keys = Array.from({ length: count }, (_, i) => {
      const { seed, classIndex } = planned.describe(offset + i);
      return seed === null ? null : { seed, classIndex };
    });
    const stack = editedLayers(edits, layers, keys);
    const samples = JSON.stringify([plan, offset, count, options.noise ?? 'random']);
    const parts: PictureStack[] = [];
    let bad = 0;
    for await (const { image } of edited.run({ samples, request, stack, psi })) {
      const { pictures, nonFinite } = toPictures(image, generator.imageRole);
      requireFinite(nonFinite, image.data.length, generator.fileName);
      parts.push(pictures);
      bad += nonFinite;
    }
    yield { offset, pictures: joinPictures(parts), latents: request.latents, nonFinite: bad };
    await nextTurn();
  }
}

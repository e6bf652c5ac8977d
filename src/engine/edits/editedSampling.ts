/** The pictures of a plan under edits, batch by batch: what `samplePictures` is without them. */
import { appliesTo } from '../../algorithms/edits/fold.ts';
import { type PlannedLatents, planLatents } from '../../algorithms/latent/plan.ts';
import type { Edit } from '../../shared/edits/edits.ts';
import type { LayerDescription } from '../../shared/generator/model.ts';
import type { LatentKey, LatentPlan } from '../../shared/samples/latents.ts';
import { type Generator, pickRows } from '../generator/generator.ts';
import { nextTurn, throwIfCancelled } from '../kernel/queue.ts';
import type { FoundLayers } from '../open/layers.ts';
import { joinPictures, toPictures } from '../pictures/pixels.ts';
import type { PictureStack } from '../runtime/imageCodec.ts';
import { requestOf, requireFinite, type SampledBatch, type SamplingOptions } from '../samples/sampling.ts';
import type { EditedGenerator } from './editedGenerator.ts';
import { editedLayers } from './stack.ts';

const BATCH = 16;

export interface EditedSource {
  readonly generator: Generator;
  readonly edited: EditedGenerator;
  readonly layers: readonly LayerDescription[];
  readonly found: FoundLayers;
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
  { generator, edited, found }: EditedSource,
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
  const pictures: PictureStack[] = [];
  let bad = 0;
  for (const { places, own } of groupsOf(edits, keys)) {
    const part = places.length === count ? request : pickRows(request, places, generator);
    const samples = JSON.stringify([plan, offset, places, noise]);
    const stack = editedLayers(own, found.forEdits(own), []);
    for await (const { first, image } of edited.run({ samples, request: part, stack, psi })) {
      const made = toPictures(image, generator.imageRole, quantisation);
      requireFinite(made.nonFinite, image.data.length, generator.fileName);
      bad += made.nonFinite;
      for (let i = 0; i < made.pictures.count; i++)
        pictures[places[first + i] as number] = pictureAt(made.pictures, i);
    }
  }
  return { offset, pictures: joinPictures(pictures), latents: request.latents, nonFinite: bad };
}

interface Group {
  /** In the batch, rising. */
  readonly places: readonly number[];
  /** The edits that hold for these samples, as edits of all samples. */
  readonly own: readonly Edit[];
}

/**
 * Samples that the same edits hold for. One that is painted in is run alone, and the others not again: they are what they
 * were, to the last bit.
 */
function groupsOf(edits: readonly Edit[], keys: readonly (LatentKey | null)[]): readonly Group[] {
  const groups = new Map<string, { places: number[]; own: readonly Edit[] }>();
  keys.forEach((key, place) => {
    const holds = edits.map((edit) => appliesTo(edit, key));
    const name = holds.join();
    const own = edits.filter((_, i) => holds[i]).map((edit) => ({ ...edit, samples: null }));
    const group = groups.get(name) ?? { places: [], own };
    groups.set(name, group);
    group.places.push(place);
  });
  return [...groups.values()];
}

function pictureAt({ width, height, data }: PictureStack, i: number): PictureStack {
  const bytes = width * height * 4;
  return { count: 1, width, height, data: data.subarray(i * bytes, (i + 1) * bytes) };
}

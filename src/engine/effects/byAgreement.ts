/** Units in the order of their IoU with a concept (with the union, where several count together), on training samples. */
import { rankUnits } from '../../shared/units/conceptUnion.ts';
import { DISSECT_DEFAULTS } from '../../shared/units/dissection.ts';
import { dissect } from '../dissect/dissect.ts';
import type { Study } from './study.ts';

/**
 * @param cache where dissections are kept; null: nowhere
 * @throws GenscopeError as `dissect`
 */
export async function byAgreement(study: Study, cache: string | null): Promise<number[]> {
  const { params, chosen, context, progress } = study;
  const { settings, model, segmenter } = params;
  const total = DISSECT_DEFAULTS.samples;
  progress.begin('dissecting', 2 * total);
  const { dissection } = await dissect(
    {
      ...{ model, segmenter, cache },
      settings: {
        ...DISSECT_DEFAULTS,
        ...{ layers: [settings.layer], source: settings.source, resolution: settings.resolution },
        // Not the samples that effects are measured on.
        ...{ seed: settings.trainingSeed, levelSeed: settings.trainingSeed + 1 },
      },
    },
    { ...context, report: ({ phase, done }) => progress.to(phase === 'agreement' ? total + done : done) },
  );
  const [layer] = dissection.layers;
  return layer ? rankUnits(layer, chosen, dissection.conceptShare) : [];
}

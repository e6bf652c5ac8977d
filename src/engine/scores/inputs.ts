/** The two sides that a request means. */
import type { ScoreParams, ScoreSettings } from '../../shared/scores/scores.ts';
import type { SideInput } from '../features/side.ts';

/** @param edited whether the request's edits are in */
export function generatedInput({ model, settings, edits }: ScoreParams, edited: boolean): SideInput {
  const { samples, seed, source, classes, quantisation } = settings;
  if (!('path' in model)) return { kind: 'path', path: model.features, most: samples, seed };
  const common = { kind: 'model', model, samples, seed, source, classes, quantisation } as const;
  return edited && edits !== undefined ? { ...common, edits } : common;
}

/** Null without a reference. A generator as the reference makes as many samples as are asked of it, or as are scored. */
export function referenceInput(settings: ScoreSettings): SideInput | null {
  const { reference, referenceSamples, seed, samples, source, classes, quantisation } = settings;
  if (reference === null) return null;
  if (reference.kind === 'path') return { kind: 'path', path: reference.path, most: referenceSamples, seed };
  return {
    ...{ kind: 'model', model: reference.model, seed: reference.seed },
    ...{ samples: referenceSamples > 0 ? referenceSamples : samples, source, classes, quantisation },
  };
}

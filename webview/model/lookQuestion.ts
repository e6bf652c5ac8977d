/** The next look as a question to the host, or what it lacks. Pure. */

import type { LookKind, LookQuestion } from '../../src/shared/checks/lookRequests.ts';
import type { LayerDescription } from '../../src/shared/generator/model.ts';
import type { LooksView, SamplesState } from '../../src/shared/pageProtocol.ts';
import type { LatentKey } from '../../src/shared/samples/latents.ts';
import type { ScoreWish, ScoringSetup } from '../../src/shared/scores/scoring.ts';
import type { LookKey } from '../lookWords.ts';

/** Samples that a page shows side by side with their neighbours. */
const MOST_SHOWN = 64;
/** Pictures of each kind, real and made. */
const SHOWN_OF_A_KIND = 6;

export interface LookParts {
  /** How samples are drawn for scores: the same here, whose features are then there already. */
  readonly wish: ScoreWish | null;
  readonly setup: ScoringSetup | null;
  readonly samples: Pick<SamplesState, 'seed' | 'count' | 'source' | 'classChoice' | 'selection'>;
  /** The samples on show, in their order. */
  readonly keys: readonly LatentKey[];
  /** Null: not known yet. */
  readonly layers: readonly LayerDescription[] | null;
}

export type AskedLook =
  | { readonly question: LookQuestion }
  | { readonly whyNot: Extract<LookKey, `looks.need${string}`> | 'scores.needExtractor' };

export function lookQuestion(kind: LookKind, view: LooksView, parts: LookParts): AskedLook {
  const { wish, setup } = parts;
  if (wish === null || setup === null || (setup.extractor?.description ?? null) === null)
    return { whyNot: 'scores.needExtractor' };
  const { seed, source, classes, quantisation, samples, referenceSamples } = wish;
  const drawn = { seed, source, classes, quantisation };
  if (kind === 'duplicates') {
    const { batch, batches } = view;
    return { question: { kind, settings: { ...drawn, batch, batches, threshold: null } } };
  }
  const reference = setup.reference?.description ?? null;
  if (reference === null) return { whyNot: 'looks.needReference' };
  if (!['folder', 'zip', 'stack'].includes(reference.kind)) return { whyNot: 'looks.needPictures' };
  const compared = { ...drawn, samples, referenceSamples };
  if (kind === 'modes')
    return { question: { kind, settings: { ...compared, k: view.kinds, shown: SHOWN_OF_A_KIND } } };
  if (kind === 'neighbours') {
    const k = view.neighbours;
    if (view.which === 'suspicious')
      return { question: { kind, settings: { ...compared, k, shown: view.rows } } };
    const { seed: first, count, source: own, classChoice } = parts.samples;
    const onShow = { ...compared, samples: count, seed: first, source: own, classes: classChoice };
    return { question: { kind, settings: { ...onShow, k, shown: placesOnShow(parts) } } };
  }
  const layer = layerOf(parts.layers, view.layer);
  if (layer === null) return { whyNot: 'looks.needLayers' };
  const { top, random } = view;
  const worst = Math.min(view.worst, layer.units - 1);
  return {
    question: {
      kind,
      settings: { ...compared, layer: layer.name, top: Math.min(top, samples), worst, random },
    },
  };
}

/** The layer that is looked at: the chosen one, else the first. */
export function layerOf(
  layers: readonly LayerDescription[] | null,
  tensor: string | null,
): LayerDescription | null {
  return layers?.find((layer) => layer.tensor === tensor) ?? layers?.[0] ?? null;
}

/** The selected samples, or all on show. */
function placesOnShow({ keys, samples: { selection } }: LookParts): number[] {
  const isSelected = (key: LatentKey) =>
    selection.some(({ seed, classIndex }) => seed === key.seed && classIndex === key.classIndex);
  const all = [...keys.keys()];
  const selected = all.filter((i) => isSelected(keys[i] as LatentKey));
  return (selected.length > 0 ? selected : all).slice(0, MOST_SHOWN);
}

/** How many samples have to go through the extractor for it, at most. */
export function samplesOf({ kind, settings }: LookQuestion): number {
  if (kind === 'duplicates') return settings.batch * settings.batches;
  if (kind !== 'artifacts' || settings.worst === 0) return settings.samples;
  return settings.samples * (2 + settings.random);
}

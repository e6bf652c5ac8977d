/** Causal effects as data: what is asked, and what is found. */
import type { LatentSource } from './latents.ts';
import type { ModelRef } from './messages.ts';

/** How a set of units is chosen for a concept. */
export type UnitRanking = 'iou' | 'effect' | 'greedy';

export type UnitChoice =
  | { readonly kind: 'given'; readonly units: readonly number[] }
  | { readonly kind: 'top'; readonly count: number; readonly rank: UnitRanking };

export interface EffectSettings {
  /** By name or tensor. */
  readonly layer: string;
  /** One concept, or several that count together (wall, roof …), by name. */
  readonly concept: readonly string[];
  readonly choice: UnitChoice;
  readonly ablate: 'zero' | 'mean' | 'minimum';
  /** Effects are measured on the samples of this seed … */
  readonly samples: number;
  readonly seed: number;
  /** … and units and inserted values are chosen on those of another. */
  readonly trainingSamples: number;
  readonly trainingSeed: number;
  readonly source: LatentSource;
  /** Sets of as many units, drawn at random. */
  readonly random: number;
  /** The curve goes up to this many units; 0: no curve. */
  readonly curve: number;
  readonly resolution: number;
}

export const EFFECT_DEFAULTS: Omit<EffectSettings, 'layer' | 'concept' | 'choice'> = {
  ablate: 'zero',
  samples: 200,
  seed: 1,
  trainingSamples: 200,
  trainingSeed: 2,
  source: { rng: 'numpy', layout: 'stream', distribution: 'normal', truncation: { mode: 'none' } },
  random: 20,
  curve: 30,
  resolution: 256,
};

export interface EffectParams {
  readonly model: ModelRef;
  readonly segmenter: string;
  readonly settings: EffectSettings;
  /** Where dissections are kept, which ranking by IoU takes; null: nowhere. */
  readonly cache: string | null;
}

/** A mean and its 95 % interval, over samples. */
export interface Figure {
  readonly mean: number;
  readonly interval: readonly [number, number];
}

export interface ConceptEffect {
  readonly concept: string;
  /** Mean share of the picture that shows the concept. */
  readonly before: Figure;
  readonly ablated: Figure;
  readonly inserted: Figure;
  /** E[inserted] − E[ablated], paired. */
  readonly ace: Figure;
  /** Share of the area that ablation takes away, 0…1; negative where it grows. */
  readonly removed: Figure;
}

export interface Effect {
  readonly schema: 1;
  readonly model: { readonly file: string; readonly sha256: string };
  readonly segmenter: { readonly name: string; readonly sha256: string };
  readonly settings: EffectSettings;
  readonly layer: string;
  readonly units: readonly number[];
  /** The concept asked for first, then all others: what else the edit takes or gives. */
  readonly concepts: readonly ConceptEffect[];
  /** Mean area of the concept under each random set, and the share it removes. */
  readonly random: {
    readonly ablated: readonly number[];
    readonly inserted: readonly number[];
    readonly removed: readonly number[];
  };
  /** Area of the concept after ablating the first 0, 1, 2 … units. */
  readonly curve: readonly Figure[];
  readonly ms: number;
  readonly warnings: readonly string[];
}

export interface EffectProgress {
  readonly phase: 'dissecting' | 'values' | 'choosing' | 'measuring';
  /** Pictures segmented in this phase. */
  readonly done: number;
  readonly total: number;
  readonly eta?: number;
}

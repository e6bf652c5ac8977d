/** Causal effects as data: what is asked, and what is found. */

import type { ModelRef } from '../generator/messages.ts';
import type { LatentSource } from '../samples/latents.ts';

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

/** Which units are best: the three ways of choosing them side by side, each judged on held-out samples. */
export interface SelectionsSettings extends Omit<EffectSettings, 'choice' | 'curve'> {
  /** Each set has this many units; its curve goes from 0 to all of them. */
  readonly count: number;
}

export interface SelectionsParams {
  readonly model: ModelRef;
  readonly segmenter: string;
  readonly settings: SelectionsSettings;
  readonly cache: string | null;
}

export interface Selection {
  readonly rank: UnitRanking;
  /** In the order in which they are switched off. */
  readonly units: readonly number[];
  /** Share of the concept's area that the first 0, 1, … units take away, held out. */
  readonly removed: readonly Figure[];
}

export interface Selections {
  readonly schema: 1;
  readonly model: Effect['model'];
  readonly segmenter: Effect['segmenter'];
  readonly settings: SelectionsSettings;
  readonly layer: string;
  readonly concept: string;
  readonly selections: readonly Selection[];
  /**
   * What sets drawn at random take away: mean, lowest and highest of the draws, for a few numbers of units from 0 to
   * `count`, rising. Not for every one: with 20 draws each that would take most of the time.
   */
  readonly random: readonly {
    readonly units: number;
    readonly mean: number;
    readonly lowest: number;
    readonly highest: number;
  }[];
  readonly ms: number;
  readonly warnings: readonly string[];
}

/** Where it can go: the units inserted at one place at a time, by place and by what was there before. */
export interface PlacementSettings {
  readonly layer: string;
  readonly concept: readonly string[];
  readonly units: readonly number[];
  readonly samples: number;
  readonly seed: number;
  readonly trainingSamples: number;
  readonly trainingSeed: number;
  readonly source: LatentSource;
  /** Cells of the layer on a side of the square that is inserted into. */
  readonly patch: number;
  readonly resolution: number;
}

export const PLACEMENT_DEFAULTS: Omit<PlacementSettings, 'layer' | 'concept' | 'units'> = {
  samples: 64,
  seed: 1,
  trainingSamples: 200,
  trainingSeed: 2,
  source: { rng: 'numpy', layout: 'stream', distribution: 'normal', truncation: { mode: 'none' } },
  patch: 1,
  resolution: 128,
};

export interface PlacementParams {
  readonly model: ModelRef;
  readonly segmenter: string;
  readonly settings: PlacementSettings;
}

export interface Placement {
  readonly schema: 1;
  readonly model: Effect['model'];
  readonly segmenter: Effect['segmenter'];
  readonly settings: PlacementSettings;
  readonly layer: string;
  readonly concept: string;
  readonly units: readonly number[];
  /** Row by row over the layer's cells: of the cell's own pixels that did not show the concept before, the share that do after; null where all always did. */
  readonly map: {
    readonly height: number;
    readonly width: number;
    readonly gained: readonly (number | null)[];
  };
  /**
   * By the concept that filled most of the place before (empty: no concept): how many tries, and in which share of them the
   * place became the concept (≥ half of its pixels). Most tries first.
   */
  readonly table: readonly {
    readonly before: string;
    readonly tries: number;
    readonly taken: Figure;
  }[];
  readonly ms: number;
  readonly warnings: readonly string[];
}

/** What a person can have measured; each is a job. */
export type EffectQuestion =
  | { readonly kind: 'effect'; readonly settings: EffectSettings }
  | { readonly kind: 'selections'; readonly settings: SelectionsSettings }
  | { readonly kind: 'placement'; readonly settings: PlacementSettings };

/** The last answers to each question about this model, and what is under way. */
export interface EffectsState {
  readonly effect: Effect | null;
  readonly selections: Selections | null;
  readonly placement: Placement | null;
  readonly running: {
    readonly kind: EffectQuestion['kind'];
    readonly job: string;
    readonly progress: EffectProgress | null;
  } | null;
}

/**
 * Edits: interventions as data. An edit says what becomes of some units of one layer, where, in which samples, and how
 * strongly; a stack of them is applied in its order. Named edits are kept and shared as JSON (`EditFile`).
 */
import type { LatentKey } from '../samples/latents.ts';

/** r ← scale · r + shift: ablation is 0 and 0 (or the unit's mean), insertion 0 and a value, amplification k and 0. */
export interface UnitChange {
  readonly unit: number;
  readonly scale: number;
  readonly shift: number;
}

/** Where in the layer's own cells: a weight of 0…1 for each, row by row; soft edges are weights between. */
export interface EditRegion {
  readonly height: number;
  readonly width: number;
  readonly weights: readonly number[];
}

/** What a person asked for, from which `units` was computed: the sliders are put back by it. */
export type EditIntent =
  | { readonly kind: 'ablate'; readonly to: 'zero' | 'mean' | 'minimum' }
  | { readonly kind: 'scale'; readonly factor: number }
  | {
      readonly kind: 'insert';
      /** Mean where the concept is, mean where the unit's top samples have it, or a quantile of the unit. */
      readonly from: 'conceptMean' | 'topMean' | 'quantile';
      readonly concept?: string;
    };

export interface Edit {
  readonly id: string;
  readonly name: string;
  /** A layer, by name and by tensor. */
  readonly layer: string;
  readonly tensor: string;
  readonly intent: EditIntent;
  readonly units: readonly UnitChange[];
  /** 0: nothing happens, 1: all of it; in between the change is mixed in by that share. */
  readonly strength: number;
  /** Null: everywhere. */
  readonly region: EditRegion | null;
  /** Null: in all samples. */
  readonly samples: readonly LatentKey[] | null;
  readonly muted: boolean;
}

/** `*.genscope-edit.json`. */
export interface EditFile {
  readonly schema: 1;
  readonly name: string;
  readonly edits: readonly Edit[];
}

/** Edits that change anything. */
export function activeEdits(edits: readonly Edit[]): readonly Edit[] {
  return edits.filter(({ muted, strength, units }) => !muted && strength !== 0 && units.length > 0);
}

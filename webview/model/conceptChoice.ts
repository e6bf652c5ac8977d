/** The concept that units are ranked by: one of the segmenter's, or the union of several. Pure. */
import type { DissectedUnit } from '../../src/shared/units/dissection.ts';
import { isInterpretable, type Verdict } from './verdict.ts';

/** How well a unit agrees with a concept, as the table shows it. */
export interface Agreement {
  readonly iou: number;
  /** Null where none was measured: of a concept other than the unit's own. */
  readonly interval: readonly [number, number] | null;
  /** What chance reaches with any one concept; it says nothing of a union. */
  readonly bar: number | null;
  /** Above all that it has to exceed. */
  readonly strong: boolean;
}

/** A concept, and the IoU of each unit with it, [units] in the layer's order. */
export interface ChosenConcept {
  readonly concept: readonly number[];
  readonly iou: readonly number[];
}

/** @param at the unit's place in the layer's order */
export function agreementOf(
  unit: DissectedUnit,
  at: number,
  verdict: Verdict,
  chosen: ChosenConcept | null,
): Agreement {
  const { concept, iou, interval, bar } = unit;
  const [one] = chosen?.concept ?? [];
  if (chosen === null || one === undefined || (chosen.concept.length === 1 && one === concept))
    return { iou, interval, bar, strong: isInterpretable(unit, verdict) };
  const own = chosen.iou[at] ?? Number.NaN;
  const chance = chosen.concept.length === 1 ? bar : null;
  return {
    ...{ iou: own, interval: null, bar: chance },
    strong: own > verdict.leastIou && (chance === null || own > chance),
  };
}

/** "wall + roof", as `genscope effect --concept` takes it too. */
export function conceptWords(names: readonly string[], concept: readonly number[]): string {
  return concept.map((c) => names[c] ?? String(c)).join(' + ');
}

/** A plain pick chooses this one alone, or none when it was chosen alone; one that joins comes or goes. */
export function picked(concept: readonly number[], c: number, joins: boolean): readonly number[] {
  const without = concept.filter((other) => other !== c);
  if (joins) return without.length < concept.length ? without : [...concept, c];
  return concept.length === 1 && without.length === 0 ? [] : [c];
}

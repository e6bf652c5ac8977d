/** From what a person asked for to what is done to each unit: r ← scale · r + shift. Pure. */
import type { Edit, EditIntent, UnitChange } from '../../src/shared/edits/edits.ts';
import type { UnitValues } from '../../src/shared/edits/interventions.ts';

export const SCALE_RANGE = { min: -2, max: 4, step: 0.05 } as const;

export const ABLATE_TO = ['zero', 'mean', 'minimum'] as const;
export const INSERT_FROM = ['conceptMean', 'topMean', 'quantile'] as const;

/** What has to be known before an intention can be carried out: nothing, what the units do, or what they do in a concept. */
export function needOf(intent: EditIntent): 'nothing' | 'values' | 'concept' {
  if (intent.kind === 'scale') return 'nothing';
  if (intent.kind === 'ablate') return intent.to === 'zero' ? 'nothing' : 'values';
  return intent.from === 'quantile' ? 'values' : 'concept';
}

/**
 * The changes that an intention stands for. While the values that it needs are not known, or say nothing (a concept that
 * never occurred), the units are left as they are.
 */
export function changesOf(
  intent: EditIntent,
  units: readonly number[],
  values: UnitValues | null,
): readonly UnitChange[] {
  if (intent.kind === 'scale') return units.map((unit) => ({ unit, scale: intent.factor, shift: 0 }));
  if (intent.kind === 'ablate' && intent.to === 'zero')
    return units.map((unit) => ({ unit, scale: 0, shift: 0 }));
  const shifts = values && shiftsOf(intent, values);
  return units.map((unit) => {
    const shift = shifts?.[unit];
    return shift === undefined || !Number.isFinite(shift)
      ? { unit, scale: 1, shift: 0 }
      : { unit, scale: 0, shift };
  });
}

function shiftsOf(intent: EditIntent, values: UnitValues): Float32Array | null {
  if (intent.kind === 'scale') return null;
  if (intent.kind === 'ablate') return intent.to === 'mean' ? values.mean : values.minimum;
  if (intent.from === 'quantile') return values.quantile;
  return intent.from === 'conceptMean' ? values.conceptMean : values.topMean;
}

/** Whether an edit still has to learn its values; what another person's file brings along it has learnt. */
export function isWaiting({ intent, units }: Pick<Edit, 'intent' | 'units'>): boolean {
  if (needOf(intent) === 'nothing' || units.length === 0) return false;
  return units.every(({ scale, shift }) => scale === 1 && shift === 0);
}

/** Indices of the concept that an intention names: one, or several that count together ("wall + roof"). Null: not known. */
export function conceptsNamed(name: string | undefined, concepts: readonly string[]): number[] | null {
  if (name === undefined || name === '') return null;
  const one = concepts.indexOf(name);
  if (one >= 0) return [one];
  const several = name.split(' + ').map((word) => concepts.indexOf(word));
  return several.includes(-1) ? null : several;
}

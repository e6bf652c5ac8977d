/** Which values stand for black and white. */
import type { Certainty } from '../../shared/generator/roles.ts';

export type Range = readonly [number, number];

/** The conventions of published generators, commonest first. */
export const KNOWN_RANGES: readonly Range[] = [
  [-1, 1],
  [0, 1],
  [0, 255],
];

export interface RangeGuess {
  readonly range: Range;
  readonly certainty: Certainty;
  readonly reason: string;
}

export function rangeText([low, high]: Range): string {
  return `[${low}, ${high}]`.replaceAll('-', '−');
}

/**
 * From what the graph bounds its output to. A known range within 2 % counts as that one (uint8 exports add 0.5 to round).
 * Null for bounds that are only a guard against overflow, such as StyleGAN's Clip(±256).
 */
export function rangeFromBounds(bounds: Range, by: string): RangeGuess | null {
  const [low, high] = bounds;
  const slack = 0.02 * (high - low);
  const known = KNOWN_RANGES.find(([a, b]) => Math.abs(a - low) <= slack && Math.abs(b - high) <= slack);
  if (known !== undefined)
    return { range: known, certainty: 'sure', reason: `${rangeText(known)} by its final ${by}` };
  if (high > low && high - low <= 2.5) {
    return {
      range: bounds,
      certainty: 'likely',
      reason: `${rangeText([round(low), round(high)])} by its final ${by}`,
    };
  }
  return null;
}

/**
 * From the smallest and largest value of some samples. An unbounded generator trained on [−1, 1] overshoots it (StyleGAN
 * reaches ±1.5); one trained on [0, 1] hardly goes below 0, since black is common.
 */
export function rangeFromValues(min: number, max: number): RangeGuess {
  const seen = `samples lie in ${rangeText([round(min), round(max)])}`;
  const answer = (range: Range, certainty: Certainty): RangeGuess => ({
    range,
    certainty,
    reason: `${seen}: ${rangeText(range)}${certainty === 'ask' ? ' is a guess' : ''}`,
  });
  if (!Number.isFinite(min) || !Number.isFinite(max) || max - min < 1e-6) return answer([-1, 1], 'ask');
  if (max > 30) return answer([0, 255], min >= -64 && max <= 320 ? 'likely' : 'ask');
  if (min >= -0.1 && max <= 1.2) return answer([0, 1], 'likely');
  // Of a model trained on [−1, 1] the overshoot is alike on both sides; where one side dominates, any range may be meant.
  const isCentred = Math.abs(min + max) <= (max - min) / 2;
  if (min < 0 && min >= -3 && max <= 3) return answer([-1, 1], isCentred ? 'likely' : 'ask');
  return answer([-1, 1], 'ask');
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}

/** Causal effects from paired areas: the same latents before, with units ablated, and with units inserted. */

export interface MeanWithInterval {
  readonly mean: number;
  /** mean ± t·s.e., 95 %; the mean itself twice for fewer than two pictures. */
  readonly interval: readonly [number, number];
}

export interface EffectFigures {
  readonly before: MeanWithInterval;
  readonly ablated: MeanWithInterval;
  readonly inserted: MeanWithInterval;
  /** δ = E[inserted] − E[ablated], paired. */
  readonly ace: MeanWithInterval;
  /** Share of the concept's area that ablation takes away, 0…1 (negative: it grows), by the ratio of the means. */
  readonly removed: MeanWithInterval;
}

export function effectOf(before: Float64Array, ablated: Float64Array, inserted: Float64Array): EffectFigures {
  return {
    before: meanWithInterval(before),
    ablated: meanWithInterval(ablated),
    inserted: meanWithInterval(inserted),
    ace: meanWithInterval(inserted.map((value, i) => value - (ablated[i] as number))),
    removed: removedShare(before, ablated),
  };
}

export function meanWithInterval(values: Float64Array): MeanWithInterval {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, n);
  if (n < 2) return { mean, interval: [mean, mean] };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = student95(n - 1) * Math.sqrt(variance / n);
  return { mean, interval: [mean - half, mean + half] };
}

/** 1 − Σ after / Σ before, with the interval of a ratio of paired means (delta method). */
export function removedShare(before: Float64Array, after: Float64Array): MeanWithInterval {
  const n = before.length;
  const whole = before.reduce((sum, value) => sum + value, 0);
  if (whole <= 0) return { mean: 0, interval: [0, 0] };
  const ratio = after.reduce((sum, value) => sum + value, 0) / whole;
  const residuals = after.map((value, i) => value - ratio * (before[i] as number));
  const { mean, interval } = meanWithInterval(residuals);
  const half = (interval[1] - mean) / (whole / n);
  return { mean: 1 - ratio, interval: [1 - ratio - half, 1 - ratio + half] };
}

/** The 97.5th percentile of Student's t, to 1e-3 from 3 degrees of freedom on (Cornish–Fisher expansion). */
export function student95(freedom: number): number {
  if (freedom === 1) return 12.706;
  if (freedom === 2) return 4.303;
  const z = 1.959964;
  const a = (z ** 3 + z) / 4;
  const b = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const c = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + a / freedom + b / freedom ** 2 + c / freedom ** 3;
}

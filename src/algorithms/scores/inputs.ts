/** What scores share: checked inputs, values kept between scores of a run, and the shape of what they give. */

import { cancelled, GenscopeError } from '../../shared/kernel/errors.ts';
import type { ScorePlot, ScoreValue } from '../../shared/scores/scores.ts';
import { jackknifeInterval, LEAST_ROWS, withRuns } from '../stats/jackknife.ts';
import { Moments } from '../stats/moments.ts';
import type { Matrix, ScoreInputs, Side, Statistics } from './types.ts';

export type SideName = 'generated' | 'reference';

export const JACKKNIFE =
  'delete-group jackknife over the generated samples, 20 groups, t₁₉; the reference held as it is';
/** Of values over clusters: measured, the interval holds the expectation in fewer draws than it says (docs/coverage.md). */
export const CLUSTERS_HELD = `${JACKKNIFE}; the clusters held too: it leaves out how they vary with the samples, and covers less than 95 %`;
/** Of several clusterings, which vary with the samples as they do with their seeds. */
export const CLUSTERINGS = `${JACKKNIFE}; each clustering held, and how the clusterings differ added`;
/** Of their mean: what moves all of them is no difference between them, and is not divided by their number either. */
export const CLUSTERINGS_MEAN = `${CLUSTERINGS}: it leaves out how all of them shift together with the samples, and may cover less than 95 %`;
/** Of the best of several clusterings: what the others give says how the value varies with the clustering. */
export function clusteredReplicates(
  held: readonly number[],
  restarts: readonly number[],
): Pick<ScoreValue, 'replicates'> & Partial<Pick<ScoreValue, 'intervalKind'>> {
  if (held.length === 0) return { replicates: null };
  return restarts.length < 2
    ? { replicates: held, intervalKind: CLUSTERS_HELD }
    : { replicates: withRuns(held, restarts, 'one'), intervalKind: CLUSTERINGS };
}
export const TOO_FEW_FOR_JACKKNIFE = `none: fewer than ${LEAST_ROWS} samples`;

/** What `make` gave the first time for this key. A failure is not kept. */
export async function once<T>(kept: Map<string, unknown>, key: string, make: () => Promise<T>): Promise<T> {
  let value = kept.get(key) as Promise<T> | undefined;
  if (value === undefined) {
    value = make();
    kept.set(key, value);
    value.catch(() => kept.delete(key));
  }
  return value;
}

/** Milliseconds of work after which a message may arrive. */
const BREATH = 20;
let lastBreath = 0;

/** Throws `request.cancelled` when the person called it off; lets a cancellation arrive every 20 ms. */
export async function breathe({ signal }: Pick<ScoreInputs, 'signal'>): Promise<void> {
  if (signal.aborted) throw cancelled();
  const now = performance.now();
  if (now - lastBreath < BREATH) return;
  // Products of small matrices never leave the microtask queue, and a message would wait behind them all.
  await new Promise((resolve) => setTimeout(resolve));
  lastBreath = performance.now();
  if (signal.aborted) throw cancelled();
}

export function sideOf(inputs: ScoreInputs, name: SideName): Side {
  const side = name === 'generated' ? inputs.generated : inputs.reference;
  if (side === null) {
    throw invalid('This score compares with a reference, and there is none.', 'Name a reference.');
  }
  return side;
}

/** Features of a side, finite, of `least` rows or more. */
export function featuresOf(inputs: ScoreInputs, name: SideName, least: number): Matrix {
  const { features } = sideOf(inputs, name);
  if (features === null) {
    throw invalid(
      `The ${name} side has no features, only statistics.`,
      'Give images or features; statistics are enough for FID alone.',
    );
  }
  check(features, name, `the ${name} features`);
  if (features.rows < least) {
    throw invalid(
      `${features.rows} row(s) of ${name} features are too few: this score needs ${least}.`,
      name === 'generated' ? 'Ask for more samples.' : 'Give a larger reference.',
    );
  }
  return features;
}

/** Features of both sides, which have equal length. */
export function bothFeatures(
  inputs: ScoreInputs,
  least: { readonly generated: number; readonly reference: number },
): { readonly generated: Matrix; readonly reference: Matrix } {
  const generated = featuresOf(inputs, 'generated', least.generated);
  const reference = featuresOf(inputs, 'reference', least.reference);
  sameLength(generated.columns, reference.columns);
  return { generated, reference };
}

export function sameLength(generated: number, reference: number): void {
  if (generated === reference) return;
  throw invalid(
    `Features of the samples have ${generated} numbers, those of the reference ${reference}.`,
    'Use the same extractor and layer for both sides.',
  );
}

const checked = new WeakSet<Matrix>();

/** Shape and finiteness; each matrix is looked through once. */
export function check(matrix: Matrix, name: string, what: string): void {
  if (checked.has(matrix)) return;
  const { rows, columns, values } = matrix;
  if (values.length !== rows * columns || columns < 1) {
    throw invalid(
      `The shape of ${what} is wrong: ${rows} × ${columns} for ${values.length} numbers.`,
      'Make the features again.',
    );
  }
  for (let i = 0; i < values.length; i++) {
    // NaN and both infinities.
    if ((values[i] as number) - (values[i] as number) === 0) continue;
    throw invalid(
      `Row ${Math.floor(i / columns)} of ${what} has a number that is none (${values[i]}).`,
      name === 'generated'
        ? 'Look at that sample: the generator or the extractor makes NaN there.'
        : 'Look at that image, or make the features again.',
    );
  }
  checked.add(matrix);
}

/** Mean and covariance (n − 1) of a side: those given, or those of its features. */
export async function statisticsOf(inputs: ScoreInputs, name: SideName): Promise<Statistics> {
  const side = sideOf(inputs, name);
  if (side.statistics !== null) {
    checkStatistics(side.statistics, name);
    return side.statistics;
  }
  const features = featuresOf(inputs, name, 2);
  const kept = name === 'generated' ? inputs.shared : inputs.sharedReference;
  return once(kept, `statistics ${name}`, async () => {
    const moments = new Moments(features.columns, inputs.algebra);
    const rows = 1024;
    for (let from = 0; from < features.rows; from += rows) {
      await breathe(inputs);
      const to = Math.min(features.rows, from + rows);
      await moments.add(features.values.subarray(from * features.columns, to * features.columns));
    }
    const { mean, n } = moments.state;
    return { size: features.columns, mean, covariance: moments.covariance(), n };
  });
}

function checkStatistics({ size, mean, covariance }: Statistics, name: SideName): void {
  if (mean.length !== size || covariance.length !== size * size) {
    throw invalid(
      `The statistics of the ${name} side do not fit together: mean of ${mean.length}, covariance of ${covariance.length} numbers.`,
      'They are `mu` [d] and `sigma` [d, d]; make the file again.',
    );
  }
  if (mean.every(Number.isFinite) && covariance.every(Number.isFinite)) return;
  throw invalid(
    `The statistics of the ${name} side hold numbers that are none.`,
    'Make them again from images that the extractor can read.',
  );
}

export function invalid(message: string, advice: string): GenscopeError {
  return new GenscopeError('input.invalid', message, advice);
}

/** A number among a score's options, or its default. @throws GenscopeError `input.invalid` for one outside its range */
export function numberOption(
  options: ScoreInputs['options'],
  name: string,
  standard: number,
  range: { readonly least: number; readonly most?: number },
): number {
  const given = options[name];
  if (given === undefined) return standard;
  const value = Number(given);
  const { least, most = Number.MAX_SAFE_INTEGER } = range;
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(
    `Option ${name} is ${given}.`,
    `Give a whole number of ${least} or more${range.most === undefined ? '' : `, up to ${most}`}.`,
  );
}

/** One word among a score's options, or the first of those allowed. */
export function wordOption<T extends string>(
  options: ScoreInputs['options'],
  name: string,
  allowed: readonly [T, ...T[]],
): T {
  const given = options[name] ?? allowed[0];
  const found = allowed.find((word) => word === given);
  if (found !== undefined) return found;
  throw invalid(`Option ${name} is "${given}".`, `It may be ${allowed.join(', ')}.`);
}

/** What values can be at all, by name; an interval goes no further. The others have no ends that are known. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  FID: [0, Number.POSITIVE_INFINITY],
  Precision: [0, 1],
  Recall: [0, 1],
  Density: [0, Number.POSITIVE_INFINITY],
  Coverage: [0, 1],
  'Frontier integral': [0, 1],
  'Type I cost (quality)': [0, Number.POSITIVE_INFINITY],
  'Type II cost (variety)': [0, Number.POSITIVE_INFINITY],
  'Inception Score': [1, Number.POSITIVE_INFINITY],
  'IS∞': [1, Number.POSITIVE_INFINITY],
  'PRD recall (F8)': [0, 1],
  'PRD precision (F1/8)': [0, 1],
  MAUVE: [0, 1],
  'Vendi score': [1, Number.POSITIVE_INFINITY],
  AuthPct: [0, 100],
  Realism: [0, Number.POSITIVE_INFINITY],
  'Share with realism ≥ 1': [0, 1],
  'Class balance': [0, 1],
  CMMD: [0, Number.POSITIVE_INFINITY],
  'JS divergence over cells': [0, Math.LN2],
};

export function rangeOf(name: string): readonly [number, number] {
  return RANGES[name] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
}

function within([low, high]: readonly [number, number], name: string): readonly [number, number] {
  const [least, most] = rangeOf(name);
  return [Math.max(least, low), Math.min(most, high)];
}

/** A value with the jackknife's interval where there are replicates, and empty words where nothing is said. */
export function scoreValue(
  known: Pick<ScoreValue, 'score' | 'name' | 'value' | 'n' | 'nReference'> & Partial<ScoreValue>,
): ScoreValue {
  const replicates = known.replicates ?? null;
  return {
    interval: replicates === null ? null : within(jackknifeInterval(known.value, replicates), known.name),
    intervalKind: replicates === null ? TOO_FEW_FOR_JACKKNIFE : JACKKNIFE,
    spread: null,
    warnings: [],
    plots: [] as readonly ScorePlot[],
    details: {},
    ...known,
    replicates,
  };
}

/** In every warning that an interval covers less than it claims: they go where the interval was not asked for. */
export const TOO_NARROW = 'the interval is too narrow';

/** Where synthetic draws were covered less often than 95 %: the jackknife's groups are too few rows then. */
export function narrowInterval(n: number, least: number): string[] {
  if (n >= least) return [];
  return [
    `With N below ${least.toLocaleString('en')} ${TOO_NARROW}: it holds the truth somewhat less often than in 95 %.`,
  ];
}

/** The warning of a value from fewer samples than it is meant for; none from enough. */
export function smallSample(n: number, recommended: number, consequence: string): string[] {
  if (n >= recommended) return [];
  return [
    `N = ${n.toLocaleString('en')}, fewer than the ${recommended.toLocaleString('en')} that it is meant for: ${consequence}`,
  ];
}

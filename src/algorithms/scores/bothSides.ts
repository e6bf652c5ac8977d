/**
 * Intervals with a reference drawn anew as well. The usual ones hold the reference as it is: they say how the value varies
 * with the samples, and a new reference of the same kind would often give one outside. The option `interval` says which:
 * `reference` (held, the standard), `both`, or `none`.
 */
import type { ScoreValue } from '../../shared/scores/scores.ts';
import { GROUPS, jackknifeError, jackknifeGroups, T_QUANTILE } from '../stats/jackknife.ts';
import { featuresOf, invalid, rangeOf, TOO_NARROW, wordOption } from './inputs.ts';
import type { Matrix, ScoreDefinition, ScoreInputs } from './types.ts';

export const BOTH =
  'delete-group jackknife over the samples and over the reference, 20 groups each, t₁₉: with a new reference too';

export async function withInterval(
  score: ScoreDefinition,
  inputs: ScoreInputs,
): Promise<readonly ScoreValue[]> {
  const rounded = roundedSides(score, inputs);
  const values = await valuesOf(score, inputs);
  if (rounded.length === 0) return values;
  const warning = `Features of the ${rounded.join(', those of the ')}; scores are of the same numbers rounded to float32 (7 digits).`;
  return values.map((value) => ({ ...value, warnings: [...value.warnings, warning] }));
}

/** Sides whose features lost digits on the way in, in words: one entry for each type they were given in. */
function roundedSides({ needs }: ScoreDefinition, { generated, reference }: ScoreInputs): string[] {
  const sides = new Map<string, string[]>();
  const add = (side: string, type: string | undefined) => {
    if (type !== undefined) sides.set(type, [...(sides.get(type) ?? []), side]);
  };
  add('samples', generated.features?.roundedFrom);
  if (needs.reference !== 'none') add('reference', reference?.features?.roundedFrom);
  return [...sides].map(([type, names]) => `${names.join(' and the ')} were given in ${type}`);
}

async function valuesOf(score: ScoreDefinition, inputs: ScoreInputs): Promise<readonly ScoreValue[]> {
  const { interval: _, ...rest } = inputs.options;
  const which = wordOption(inputs.options, 'interval', ['reference', 'both', 'none', 'jackknife']);
  if (which === 'none') {
    return withoutInterval(await score.compute({ ...inputs, options: keepNone(score, rest) }));
  }
  const values = await score.compute({ ...inputs, options: rest });
  if (which !== 'both') return values;
  if (score.needs.reference === 'none') {
    throw invalid(`${score.name} has no reference to draw anew.`, 'Leave out interval=both for it.');
  }
  const features = featuresOf(inputs, 'reference', 2);
  const groups = jackknifeGroups(features.rows);
  if (groups === null) {
    throw invalid(
      `${features.rows} rows of the reference are too few for an interval with a new reference.`,
      'Give 40 or more.',
    );
  }
  // Its replicates are those of the samples; the reference's are made by computing the value without each group.
  const left: number[][] = values.map(() => []);
  for (let group = 0; group < GROUPS; group++) {
    const kept = [...groups.keys()].filter((row) => groups[row] !== group);
    const without = await score.compute({
      ...inputs,
      options: keepNone(score, rest),
      reference: {
        features: rowsOf(features, kept),
        statistics: null,
        logits: inputs.reference?.logits ? rowsOf(inputs.reference.logits, kept) : null,
        labels: inputs.reference?.labels
          ? Int32Array.from(kept, (row) => inputs.reference?.labels?.[row] as number)
          : null,
      },
      shared: new Map(),
      sharedReference: new Map(),
      report: (share) => inputs.report(0.3 + (0.7 * (group + share)) / GROUPS),
    });
    for (const [i, { value }] of without.entries()) left[i]?.push(value);
  }
  return values.map((value, i) => {
    if (value.replicates === null || value.interval === null) return value;
    const half =
      T_QUANTILE * Math.hypot(jackknifeError(value.replicates), jackknifeError(left[i] as number[]));
    const [low, high] = rangeOf(value.name);
    return {
      ...value,
      interval: [Math.max(low, value.value - half), Math.min(high, value.value + half)] as const,
      intervalKind: value.intervalKind.replace(/^[^;]*; the reference held as it is/, BOTH),
    };
  });
}

/** Scores whose value is cheaper without one take `none` themselves. */
function keepNone(score: ScoreDefinition, options: ScoreInputs['options']): ScoreInputs['options'] {
  return score.id === 'fid' || score.id === 'vendi' ? { ...options, interval: 'none' } : options;
}

function withoutInterval(values: readonly ScoreValue[]): readonly ScoreValue[] {
  return values.map((value) =>
    value.interval === null
      ? value
      : {
          ...value,
          ...{ interval: null, replicates: null, intervalKind: 'none: not asked for' },
          warnings: value.warnings.filter((warning) => !warning.includes(TOO_NARROW)),
        },
  );
}

function rowsOf({ columns, values }: Matrix, rows: readonly number[]): Matrix {
  const out = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => {
    out.set(values.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return { rows: rows.length, columns, values: out };
}

/** Made-up features and the inputs that a score takes. */
import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';
import { plainAlgebra } from '../../../src/algorithms/linalg/plain.ts';
import type { Matrix, ScoreDefinition, ScoreInputs, Side } from '../../../src/algorithms/scores/types.ts';
import type { ScoreValue } from '../../../src/shared/scores/scores.ts';

/** N(shift, scale²·I), float32 [rows, columns]. */
export function gaussian(rows: number, columns: number, seed: number, shift = 0, scale = 1): Matrix {
  const values = new NumpyRandom(seed).normals(rows * columns).map((value) => value * scale + shift);
  return { rows, columns, values };
}

export function matrix(rows: readonly (readonly number[])[]): Matrix {
  return { rows: rows.length, columns: rows[0]?.length ?? 0, values: Float32Array.from(rows.flat()) };
}

export function side(features: Matrix | null, more: Partial<Side> = {}): Side {
  return { features, statistics: null, logits: null, labels: null, ...more };
}

export function inputs(
  generated: Matrix | Side,
  reference: Matrix | Side | null,
  more: Partial<ScoreInputs> = {},
): ScoreInputs {
  const sided = (one: Matrix | Side): Side => ('features' in one ? one : side(one));
  return {
    generated: sided(generated),
    reference: reference === null ? null : sided(reference),
    seed: 1,
    options: {},
    algebra: plainAlgebra,
    shared: new Map(),
    sharedReference: new Map(),
    signal: new AbortController().signal,
    report: () => undefined,
    ...more,
  };
}

/** The first value that a score gives. */
export async function first(
  score: ScoreDefinition,
  generated: Matrix | Side,
  reference: Matrix | Side | null,
  more: Partial<ScoreInputs> = {},
): Promise<ScoreValue> {
  const [value] = await score.compute(inputs(generated, reference, more));
  if (value === undefined) throw new Error('no value');
  return value;
}

/** Some of a matrix's rows. */
export function pick({ columns, values }: Matrix, rows: ArrayLike<number>): Matrix {
  const out = new Float32Array(rows.length * columns);
  Array.from(rows).forEach((row, i) => {
    out.set(values.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return { rows: rows.length, columns, values: out };
}

export function width(value: ScoreValue): number {
  return value.interval === null ? Number.NaN : value.interval[1] - value.interval[0];
}

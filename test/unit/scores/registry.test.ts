/** What every score of the registry owes to whoever asks: numbers that are numbers, or a reason, whatever the features. */
import { describe, expect, it } from 'vitest';
import { SCORES } from '../../../src/algorithms/scores/registry.ts';
import type { Matrix, Side } from '../../../src/algorithms/scores/types.ts';
import { GenscopeError } from '../../../src/shared/kernel/errors.ts';
import { isScoreRun } from '../../../src/shared/scores/scoringGuards.ts';
import { run } from '../host/scoreRuns.ts';
import { gaussian, inputs, side } from './support.ts';

const COLUMNS = 4;
const CLASSES = 3;

function constant(rows: number, value: number, columns = COLUMNS): Matrix {
  return { rows, columns, values: new Float32Array(rows * columns).fill(value) };
}

/** With logits and classes, so that every score has what it needs. */
function whole(features: Matrix, logits: Matrix = gaussian(features.rows, CLASSES, 5)): Side {
  return side(features, {
    logits,
    labels: Int32Array.from({ length: features.rows }, (_, i) => i % CLASSES),
  });
}

/** The same few rows over and over, as copies of training images are. */
function copies(rows: number): Matrix {
  const few = gaussian(3, COLUMNS, 7);
  const values = Float32Array.from({ length: rows * COLUMNS }, (_, i) => few.values[i % (3 * COLUMNS)] ?? 0);
  return { rows, columns: COLUMNS, values };
}

const plain = (rows: number, seed: number, shift = 0, scale = 1) =>
  whole(gaussian(rows, COLUMNS, seed, shift, scale));

const CASES: readonly (readonly [string, Side, Side])[] = [
  ['the same rows on both sides', plain(60, 1), plain(60, 1)],
  ['sides far apart', plain(60, 1, 1e4), plain(60, 2, -1e4)],
  ['tiny and huge features', plain(60, 1, 0, 1e-12), plain(60, 2, 0, 1e8)],
  ['samples that are all one picture', whole(constant(60, 0.5)), plain(60, 2)],
  ['a reference that is all one picture', plain(60, 1), whole(constant(60, 0.5))],
  ['one picture on both sides', whole(constant(60, 0.5)), whole(constant(60, 0.5))],
  ['two pictures', whole(constant(60, 0)), whole(constant(60, 1))],
  ['copies of three rows', whole(copies(60)), plain(60, 2)],
  ['two rows', plain(2, 1), plain(2, 2)],
  ['three rows', plain(3, 1), plain(60, 2)],
  ['a sure classifier', whole(gaussian(60, COLUMNS, 1), gaussian(60, CLASSES, 5, 0, 1e5)), plain(60, 2)],
  ['one class', whole(gaussian(60, COLUMNS, 1), constant(60, 1e4, CLASSES)), plain(60, 2)],
];

describe.each(SCORES.map((score) => [score.id, score] as const))('%s', (_, score) => {
  it.each(CASES)(
    'of %s is a number that outlives the window, or says why there is none',
    async (...given) => {
      const [, generated, reference] = given;
      try {
        const values = await score.compute(
          inputs(generated, score.needs.reference === 'none' ? null : reference),
        );
        // NaN and infinity would come back from the history as null, and the run with them not at all.
        expect(JSON.parse(JSON.stringify(values))).toEqual(values);
        expect(isScoreRun(JSON.parse(JSON.stringify(run('g.onnx', { scores: values }))))).toBe(true);
      } catch (thrown) {
        if (!(thrown instanceof GenscopeError)) throw thrown;
        expect(thrown.code).toBe('input.invalid');
      }
    },
  );
});

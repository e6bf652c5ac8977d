import { describe, expect, it } from 'vitest';
import { is } from '../../../src/algorithms/scores/is.ts';
import { isInfinity } from '../../../src/algorithms/scores/isInfinity.ts';
import type { Matrix } from '../../../src/algorithms/scores/types.ts';
import { jackknifeGroups } from '../../../src/algorithms/stats/jackknife.ts';
import { first, gaussian, pick, side } from './support.ts';

const logits = (matrix: Matrix) => side(null, { logits: matrix });

/** Certain of one class each, class after class. */
function certain(rows: number, classes: number): Matrix {
  const values = new Float32Array(rows * classes);
  for (let i = 0; i < rows; i++) values[i * classes + (i % classes)] = 1000;
  return { rows, columns: classes, values };
}

function byDefinition({ rows, columns, values }: Matrix): number {
  const p = Array.from({ length: rows }, (_, i) => {
    const row = [...values.subarray(i * columns, (i + 1) * columns)];
    const sum = row.reduce((total, value) => total + Math.exp(value), 0);
    return row.map((value) => Math.exp(value) / sum);
  });
  const q = Array.from(
    { length: columns },
    (_, j) => p.reduce((sum, row) => sum + (row[j] as number), 0) / rows,
  );
  const divergence = p.map((row) =>
    row.reduce((sum, value, j) => sum + value * Math.log(value / (q[j] as number)), 0),
  );
  return Math.exp(divergence.reduce((a, b) => a + b, 0) / rows);
}

describe('the Inception Score', () => {
  it('of sure and even samples is the number of classes, of undecided ones 1', async () => {
    expect((await first(is, logits(certain(400, 8)), null)).value).toBeCloseTo(8, 10);
    const flat = { rows: 400, columns: 8, values: new Float32Array(3200) };
    expect((await first(is, logits(flat), null)).value).toBeCloseTo(1, 12);
  });

  it('is the mean over ten splits, with their std', async () => {
    const given = gaussian(205, 5, 1, 0, 2);
    const splits = Array.from({ length: 10 }, (_, s) => {
      const rows = Array.from(Array(205).keys()).slice(
        Math.floor((s * 205) / 10),
        Math.floor(((s + 1) * 205) / 10),
      );
      return byDefinition(pick(given, rows));
    });
    const mean = splits.reduce((a, b) => a + b, 0) / 10;
    const value = await first(is, logits(given), null);
    expect(value.value).toBeCloseTo(mean, 10);
    expect(value.spread?.value).toBeCloseTo(
      Math.sqrt(splits.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 10),
      10,
    );
    expect(value.interval).toBeNull();
  });

  it('leaves groups out of the splits as they are', async () => {
    const given = gaussian(900, 5, 1, 0, 2);
    const value = await first(is, logits(given), null);
    const groups = jackknifeGroups(900) as Uint8Array;
    const splits = Array.from({ length: 10 }, (_, s) =>
      byDefinition(
        pick(
          given,
          Array.from({ length: 90 }, (_, i) => s * 90 + i).filter((row) => groups[row] !== 3),
        ),
      ),
    );
    expect(value.replicates?.[3]).toBeCloseTo(splits.reduce((a, b) => a + b, 0) / 10, 10);
  });

  it('shows what it is made of: even on average, sharp each', async () => {
    const value = await first(is, logits(certain(400, 8)), null);
    expect(value.plots.map(({ id }) => id)).toEqual(['is-average', 'is-sharpness']);
    expect(value.plots[0]?.y.values).toEqual(new Array(8).fill(1 / 8));
    expect(value.plots[1]?.y.values.at(-1)).toBe(1);
    expect(value.details['entropy of their average']).toBeCloseTo(Math.log(8), 10);
    expect(value.details['entropy of a sample’s classes']).toBeCloseTo(0, 10);
  });

  it('of few samples takes fewer splits and says so', async () => {
    const value = await first(is, logits(gaussian(7, 3, 1)), null);
    expect(value.details.splits).toBe(3);
    expect(value.warnings.join()).toMatch(/3 split\(s\) instead of 10/);
  });

  it('refuses an extractor without classes, a single sample, and NaN', async () => {
    await expect(first(is, gaussian(50, 3, 1), null)).rejects.toMatchObject({ message: /has no logits/ });
    await expect(first(is, logits(gaussian(1, 3, 1)), null)).rejects.toMatchObject({ code: 'input.invalid' });
    const broken = gaussian(50, 3, 1);
    broken.values[7] = Number.NaN;
    await expect(first(is, logits(broken), null)).rejects.toMatchObject({ message: /Row 2 of the logits/ });
  });
});

it('IS∞ takes the bias off: nearer to the value of many than that of few is', async () => {
  const many = byDefinition(gaussian(60_000, 10, 9, 0, 1));
  const few = gaussian(600, 10, 4, 0, 1);
  const value = await first(isInfinity, logits(few), null);
  expect(Math.abs(value.value - many)).toBeLessThan(Math.abs(byDefinition(few) - many));
  expect(value.interval?.[0]).toBeLessThan(many);
  expect(value.interval?.[1]).toBeGreaterThan(many);
  expect(value.plots[0]?.x.values).toHaveLength(16);
});

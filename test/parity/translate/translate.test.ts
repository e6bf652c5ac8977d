/** Cycle errors of the demo's pictures, against those that NumPy and ONNX Runtime in Python give (make_reference.py). */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { gaussianBlur } from '../../../src/algorithms/images/gaussianBlur.ts';
import { meanAbsoluteDifference } from '../../../src/algorithms/images/planes.ts';
import { Models } from '../../../src/engine/models/models.ts';
import { translate } from '../../../src/engine/translate/translate.ts';
import { readPicture } from '../../../src/engine/translator/pictureInput.ts';
import type { Translated } from '../../../src/shared/protocol.ts';
import { DEMO_TRANSLATE } from '../../engine/support/translation.ts';

interface Row {
  readonly file: string;
  readonly cycle: Readonly<Record<string, number>>;
  readonly blurAlone: Readonly<Record<string, number>>;
}

const reference = JSON.parse(
  fs.readFileSync(path.join(import.meta.dirname, 'reference.json'), 'utf8'),
) as Readonly<Record<'summer' | 'winter', readonly Row[]>>;

const WAYS = {
  summer: ['summer_to_winter.onnx', 'winter_to_summer.onnx'],
  winter: ['winter_to_summer.onnx', 'summer_to_winter.onnx'],
} as const;

const models = new Models({ threads: 1 });
afterAll(() => models.releaseAll());

async function cycle(season: 'summer' | 'winter', blur: number) {
  const [there, back] = WAYS[season].map((file) => ({ path: path.join(DEMO_TRANSLATE, file) }));
  const rows: Translated[] = [];
  const result = await translate(
    {
      model: there as { path: string },
      back: back as { path: string },
      inputs: [path.join(DEMO_TRANSLATE, season)],
      first: 0,
      count: 100,
      blur,
      maxSide: 64,
      encoding: 'rgba',
    },
    { models, signal: new AbortController().signal, report: (row) => void rows.push(row) },
  );
  return { rows, result };
}

describe.each(['summer', 'winter'] as const)('%s there and back', (season) => {
  it.each(['0', '0.5', '1', '1.5', '2'])('with a blur of σ = %s', async (sigma) => {
    const { rows, result } = await cycle(season, Number(sigma));
    const wanted = reference[season];
    expect(rows.map(({ file }) => path.basename(file))).toEqual(wanted.map(({ file }) => file));
    rows.forEach(({ cycleError }, i) => {
      expect(Math.abs((cycleError as number) - (wanted[i]?.cycle[sigma] as number))).toBeLessThanOrEqual(
        1e-5,
      );
    });
    const errors = wanted.map((row) => row.cycle[sigma] as number);
    const mean = errors.reduce((a, b) => a + b) / errors.length;
    const spread = Math.sqrt(errors.reduce((sum, e) => sum + (e - mean) ** 2, 0) / (errors.length - 1));
    const half = (1.96 * spread) / Math.sqrt(errors.length);
    expect(result.cycle?.n).toBe(12);
    expect(result.cycle?.mean).toBeCloseTo(mean, 5);
    expect(result.cycle?.interval[0]).toBeCloseTo(mean - half, 5);
    expect(result.cycle?.interval[1]).toBeCloseTo(mean + half, 5);
  });
});

it('blurs as SciPy does', async () => {
  for (const { file, blurAlone } of reference.summer) {
    const full = path.join(DEMO_TRANSLATE, 'summer', file);
    const { planes } = await readPicture(full, { channels: 3, size: null, multiple: 1, maxSide: 512 });
    for (const [sigma, wanted] of Object.entries(blurAlone)) {
      const got = meanAbsoluteDifference(planes, gaussianBlur(planes, Number(sigma)));
      expect(Math.abs(got - wanted)).toBeLessThanOrEqual(1e-6);
    }
  }
});

it('shows by a blur which lakes come back out of hidden texture only', async () => {
  const plain = await cycle('summer', 0);
  const blurred = await cycle('summer', 1);
  // How much worse the way back becomes, beyond what the same blur costs the picture itself.
  const excess = plain.rows.map(
    ({ cycleError }, i) =>
      (blurred.rows[i]?.cycleError as number) -
      (cycleError as number) -
      (reference.summer[i]?.blurAlone['1'] as number),
  );
  const hides = reference.summer.filter((_, i) => (excess[i] as number) > 0.05).map(({ file }) => file);
  expect(hides).toEqual(['lake-0021.png', 'lake-0029.png']);
  // All others lose no more than the blur takes.
  expect(excess.filter((value) => value > 0)).toHaveLength(2);
});

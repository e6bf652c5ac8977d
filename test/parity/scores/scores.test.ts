/** Every score against a reference implementation, on the same features (../README.md). */
import { describe, expect, it } from 'vitest';
import { coverage, density } from '../../../src/algorithms/scores/densityCoverage.ts';
import { fid } from '../../../src/algorithms/scores/fid.ts';
import { fidInfinity } from '../../../src/algorithms/scores/fidInfinity.ts';
import { frontierValues } from '../../../src/algorithms/scores/frontier.ts';
import { is } from '../../../src/algorithms/scores/is.ts';
import { isInfinity } from '../../../src/algorithms/scores/isInfinity.ts';
import { kid } from '../../../src/algorithms/scores/kid.ts';
import { precision, recall } from '../../../src/algorithms/scores/precisionRecall.ts';
import { quantise } from '../../../src/algorithms/scores/quantise.ts';
import { SMOOTHINGS } from '../../../src/algorithms/scores/smoothing.ts';
import type { ScoreDefinition, ScoreInputs } from '../../../src/algorithms/scores/types.ts';
import { RuntimeAlgebra } from '../../../src/engine/runtime/matmul.ts';
import type { ScoreValue } from '../../../src/shared/scores.ts';
import { inputs, side } from '../../unit/scores/support.ts';
import { logitsOf, sidesOf } from './features.ts';
import made from './reference.json' with { type: 'json' };
import { type Row, relative, render, tableInReadme, withoutBounds, writeTable } from './table.ts';

/** The bound; where nothing is random and nothing singular far less comes out (see the table). */
const TOLERANCE = 1e-6;
const algebra = new RuntimeAlgebra();
const rows: Row[] = [];

describe.each(Object.entries(made.shapes))('%s', (data, theirs) => {
  const { generated, reference } = sidesOf(theirs.shape);
  const logits = logitsOf(generated, 10);
  const given = (options: ScoreInputs['options'] = {}): ScoreInputs =>
    inputs(side(generated, { logits }), reference, { algebra, options, seed: 7 });

  async function only(score: ScoreDefinition, options: ScoreInputs['options'] = {}): Promise<ScoreValue> {
    const [value] = await score.compute(given(options));
    return value as ScoreValue;
  }

  function held(score: string, against: string, value: number | undefined, ours: number | undefined): void {
    const row = { score, reference: against, data, theirs: value ?? Number.NaN, ours: ours ?? Number.NaN };
    rows.push(row);
    expect(relative(row), `${score} (${against}): ${ours} against ${value}`).toBeLessThanOrEqual(TOLERANCE);
  }

  it('FID', async () => {
    const { value } = await only(fid, { interval: 'none' });
    held('FID', 'pytorch-fid', theirs.fid['pytorch-fid'], value);
    held('FID', 'torch-fidelity', theirs.fid['torch-fidelity'], value);
    held('FID', 'SVD of the features (NumPy)', theirs.fid.svd, value);
  });

  it('FID∞', async () => {
    held(
      'FID∞',
      'mchong6’s sizes and line (NumPy, scikit-learn)',
      theirs['fid-infinity'],
      (await only(fidInfinity)).value,
    );
  });

  it('KID', async () => {
    const { value, spread } = await only(kid, { subsetSize: theirs.shape.subset });
    held('KID', 'torch-fidelity', theirs.kid.mean, value);
    held('KID std', 'torch-fidelity', theirs.kid.std, spread?.value);
  });

  it('precision and recall, density and coverage', async () => {
    held('precision', 'torch-fidelity', theirs.precision, (await only(precision)).value);
    held('recall', 'torch-fidelity', theirs.recall, (await only(recall)).value);
    held('density', 'prdc', theirs.density, (await only(density)).value);
    held('coverage', 'prdc', theirs.coverage, (await only(coverage)).value);
  });

  it('IS and IS∞', async () => {
    const { value, spread } = await only(is);
    held('IS', 'torch-fidelity', theirs.is.mean, value);
    held('IS std', 'torch-fidelity', theirs.is.std, spread?.value);
    held('IS, shuffled', 'torch-fidelity', theirs.is.shuffled, (await only(is, { shuffle: 'yes' })).value);
    held(
      'IS∞',
      'mchong6’s sizes and line on torch-fidelity',
      theirs['is-infinity'],
      (await only(isInfinity)).value,
    );
  });

  it('frontier of the reference’s clusters', () => {
    const labels = Int32Array.from(Buffer.from(theirs.frontier.labels, 'base64'));
    const clusters = {
      k: theirs.frontier.k,
      components: theirs.frontier.components,
      generated: labels.slice(0, generated.rows),
      reference: labels.slice(generated.rows),
    };
    for (const how of SMOOTHINGS) {
      const [integral, one, two] = frontierValues(clusters, how);
      const values = theirs.frontier.values[how];
      held(`frontier integral, ${how}`, 'mauve', values.integral, integral?.value);
      held(`type I cost, ${how}`, 'mauve', values.typeOne, one?.value);
      held(`type II cost, ${how}`, 'mauve', values.typeTwo, two?.value);
    }
  });

  it('our own clusters: as many components, and no looser than scikit-learn’s', async () => {
    const clusters = await quantise(given(), theirs.frontier.k);
    expect(clusters.k).toBe(theirs.frontier.k);
    expect(clusters.components).toBe(theirs.frontier.components);
    expect(clusters.inertia).toBeLessThan(1.02 * theirs.frontier.inertia);
  });
});

it('stands in the README as it is', () => {
  const advice = 'run: GENSCOPE_UPDATE=1 npx vitest run --project parity test/parity/scores';
  expect(rows.length, 'rows that were held').toBe(29 * Object.keys(made.shapes).length);
  if (process.env.GENSCOPE_UPDATE) writeTable(render(rows, false));
  const stands = withoutBounds(tableInReadme());
  expect(stands.text, advice).toBe(withoutBounds(render(rows, false)).text);
  rows.forEach((row, i) => {
    expect(relative(row), advice).toBeLessThanOrEqual(stands.bounds[i] ?? 0);
  });
});

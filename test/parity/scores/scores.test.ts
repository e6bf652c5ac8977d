/** Every score against a reference implementation, on the same features (../README.md). */
import { describe, expect, it } from 'vitest';
import { authPct } from '../../../src/algorithms/scores/authPct.ts';
import { cmmd } from '../../../src/algorithms/scores/cmmd.ts';
import { ctOf } from '../../../src/algorithms/scores/ct.ts';
import { coverage, density } from '../../../src/algorithms/scores/densityCoverage.ts';
import { fid } from '../../../src/algorithms/scores/fid.ts';
import { fidInfinity } from '../../../src/algorithms/scores/fidInfinity.ts';
import { frontierValues } from '../../../src/algorithms/scores/frontier.ts';
import { ganTrainTest } from '../../../src/algorithms/scores/ganTrainTest.ts';
import { histogram } from '../../../src/algorithms/scores/groups.ts';
import { is } from '../../../src/algorithms/scores/is.ts';
import { isInfinity } from '../../../src/algorithms/scores/isInfinity.ts';
import { kid } from '../../../src/algorithms/scores/kid.ts';
import { mauveValues } from '../../../src/algorithms/scores/mauve.ts';
import { argmax, modeHistogram } from '../../../src/algorithms/scores/modeHistogram.ts';
import { ndbValues } from '../../../src/algorithms/scores/ndb.ts';
import { parzen } from '../../../src/algorithms/scores/parzen.ts';
import { prdOf } from '../../../src/algorithms/scores/prd.ts';
import { precision, recall } from '../../../src/algorithms/scores/precisionRecall.ts';
import { quantise } from '../../../src/algorithms/scores/quantise.ts';
import { realism, realismOfEach } from '../../../src/algorithms/scores/realism.ts';
import { SMOOTHINGS } from '../../../src/algorithms/scores/smoothing.ts';
import type { Matrix, ScoreDefinition, ScoreInputs } from '../../../src/algorithms/scores/types.ts';
import { vendi } from '../../../src/algorithms/scores/vendi.ts';
import { RuntimeAlgebra } from '../../../src/engine/runtime/matmul.ts';
import type { ScoreValue } from '../../../src/shared/scores/scores.ts';
import { inputs, pick, side } from '../../unit/scores/support.ts';
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

  it('AuthPct, realism, Vendi score and CMMD', async () => {
    held('AuthPct', 'dgm-eval’s formula (SciPy)', theirs.authpct, (await only(authPct)).value);
    const [median, inside] = await realism.compute(given());
    const each = await realismOfEach(given(), 3);
    const formula = 'the paper’s formula (SciPy)';
    held('realism, median', formula, theirs.realism.median, median?.value);
    held('realism, mean', formula, theirs.realism.mean, each.reduce((a, b) => a + b, 0) / each.length);
    held('realism, share ≥ 1', formula, theirs.realism.inside, inside?.value);
    held(
      'Vendi score',
      'eigenvalues of the n × n matrix (NumPy)',
      theirs.vendi,
      (await only(vendi, { interval: 'none' })).value,
    );
    held('CMMD', 'cmmd-pytorch’s formula (SciPy)', theirs.cmmd, (await only(cmmd)).value);
  });

  it('PRD, MAUVE and NDB of the reference’s clusters', () => {
    const rows = Math.min(generated.rows, reference.rows);
    const both = labelsFrom(theirs.prd.labels);
    const { f8, fEighth } = prdOf(histogram(both.subarray(0, rows), 20), histogram(both.subarray(rows), 20));
    held('PRD F8', 'msmsajjadi’s formula (NumPy)', theirs.prd.f8, f8);
    held('PRD F1/8', 'msmsajjadi’s formula (NumPy)', theirs.prd.fEighth, fEighth);
    const joint = labelsFrom(theirs.mauve.labels);
    const [area] = mauveValues({
      ...{ k: theirs.mauve.k, components: 0 },
      ...{ generated: joint.slice(0, generated.rows), reference: joint.slice(generated.rows) },
    });
    held('MAUVE', 'mauve', theirs.mauve.value, area?.value);
    const [share, divergence] = ndbValues({
      ...{ k: theirs.ndb.k, reference: labelsFrom(theirs.ndb.real), generated: labelsFrom(theirs.ndb.made) },
    });
    held('NDB/k', 'gans-n-gmms’ test (SciPy)', theirs.ndb.share, share?.value);
    held('JS divergence over cells', 'NumPy', theirs.ndb.divergence, divergence?.value);
  });

  it('C_T of the reference’s cells', async () => {
    const half = reference.rows >> 1;
    const rows = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);
    const [training, test, made] = theirs.ct.cells.map(labelsFrom) as [Int32Array, Int32Array, Int32Array];
    const { value } = await ctOf(given(), {
      ...{
        training: pick(reference, rows(0, half)),
        test: pick(reference, rows(half, reference.rows)),
        generated,
      },
      ...{ cells: { training, test, generated: made }, k: 3 },
    });
    held('C_T', 'SciPy’s mannwhitneyu', theirs.ct.value, value);
  });

  it('Parzen log-likelihood and class balance', async () => {
    const { value, details } = await only(parzen);
    expect(details.sigma).toBeCloseTo(theirs.parzen.sigma, 12);
    held('Parzen log-likelihood', 'parzen_ll.py’s formula (SciPy)', theirs.parzen.value, value);
    const classes = inputs(
      side(generated, { logits }),
      side(reference, { logits: logitsOf(reference, 10) }),
      { algebra },
    );
    const [balance] = await modeHistogram.compute(classes);
    held('class balance', 'NumPy', theirs.modes, balance?.value);
  });

  it('GAN-train and GAN-test', async () => {
    const four = (matrix: Matrix, from: number) => argmax(columnsOf(matrix, from, 4));
    const labelled = inputs(
      side(generated, { labels: four(generated, 0) }),
      side(reference, { labels: four(reference, 4) }),
      { algebra },
    );
    const [train, test] = await ganTrainTest.compute(labelled);
    const formula = 'scikit-learn’s LogisticRegression';
    held('GAN-train', formula, theirs.gan.train.accuracy, train?.value);
    held('GAN-test', formula, theirs.gan.test.accuracy, test?.value);
    held('GAN-train, training loss', formula, theirs.gan.train.loss, Number(train?.details['training loss']));
    held('GAN-test, training loss', formula, theirs.gan.test.loss, Number(test?.details['training loss']));
  });

  it('our own clusters: as many components, and no looser than scikit-learn’s', async () => {
    const clusters = await quantise(given(), theirs.frontier.k);
    expect(clusters.k).toBe(theirs.frontier.k);
    expect(clusters.components).toBe(theirs.frontier.components);
    expect(clusters.inertia).toBeLessThan(1.02 * theirs.frontier.inertia);
  });
});

function labelsFrom(text: string): Int32Array {
  return Int32Array.from(Buffer.from(text, 'base64'));
}

function columnsOf({ rows: count, columns, values }: Matrix, from: number, width: number): Matrix {
  const out = new Float32Array(count * width);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < width; j++) out[i * width + j] = values[i * columns + from + j] as number;
  return { rows: count, columns: width, values: out };
}

it('stands in the README as it is', () => {
  const advice = 'run: GENSCOPE_UPDATE=1 npx vitest run --project parity test/parity/scores';
  expect(rows.length, 'rows that were held').toBe(47 * Object.keys(made.shapes).length);
  if (process.env.GENSCOPE_UPDATE) writeTable(render(rows, false));
  const stands = withoutBounds(tableInReadme());
  expect(stands.text, advice).toBe(withoutBounds(render(rows, false)).text);
  rows.forEach((row, i) => {
    expect(relative(row), advice).toBeLessThanOrEqual(stands.bounds[i] ?? 0);
  });
});

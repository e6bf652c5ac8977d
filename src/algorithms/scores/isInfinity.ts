/**
 * IS∞: the Inception Score of growing subsets, each in one split, extrapolated to N = ∞ along a line in 1/N.
 * Source: Chong & Forsyth, "Effectively unbiased FID and Inception Score", CVPR 2020 (arXiv 1911.07023).
 */
import type { ScoreValue } from '../../shared/scores/scores.ts';
import { fitLine, subsetSizes, subsets } from '../stats/extrapolation.ts';
import { GROUPS, jackknifeGroups } from '../stats/jackknife.ts';
import { addRow, type Cell, inceptionOf, makeCells } from './inception.ts';
import { breathe, scoreValue, smallSample } from './inputs.ts';
import { is, logitsOf } from './is.ts';
import type { ScoreDefinition, ScoreInputs } from './types.ts';

const SIZES = 15;
const RECOMMENDED = 5000;
const PAUSE = 2048;

export const isInfinity: ScoreDefinition = {
  id: 'is-infinity',
  name: 'IS∞',
  measures:
    'What the Inception Score would be of endlessly many samples, from how it changes with their number.',
  direction: 'higher',
  recommended: RECOMMENDED,
  goodAt: ['Compares generators at different N: the bias that grows with fewer samples is taken off'],
  badAt: [
    'All that the Inception Score is blind to stays',
    'The line is a first-order model: far off at very small N',
  ],
  source: 'Chong & Forsyth 2020 (arXiv 1911.07023); mchong6/FID_IS_infinity; layer6ai-labs/dgm-eval',
  needs: { reference: 'none', logits: true, labels: false },
  options: [],
  values: ['IS∞'],
  compute,
};

async function compute(inputs: ScoreInputs): Promise<readonly ScoreValue[]> {
  const logits = logitsOf(inputs);
  const n = logits.rows;
  const groups = jackknifeGroups(n);
  const sizes = subsetSizes(n, SIZES);
  const scratch = new Float64Array(logits.columns);
  const measured: Cell[][] = [];
  for (const [s, rows] of subsets(n, sizes, inputs.seed).entries()) {
    const cells = makeCells(GROUPS, logits.columns);
    for (const [i, row] of rows.entries()) {
      if (i % PAUSE === 0) await breathe(inputs);
      addRow(logits, row, cells[groups?.[row] ?? 0] as Cell, scratch);
    }
    measured.push(cells);
    inputs.report((s + 1) / SIZES);
  }
  // A group left out leaves each subset what it is, less that group's rows.
  const fitWithout = (left: number | null) => {
    const kept = measured.map((cells) => cells.filter((_, group) => group !== left));
    const x = kept.map((cells) => 1 / cells.reduce((sum, cell) => sum + cell.n, 0));
    const y = kept.map(inceptionOf);
    return { x, y, line: fitLine(x, y) };
  };
  const { x, y, line } = fitWithout(null);
  const enough = groups !== null && (sizes[0] as number) >= 2 * GROUPS;
  return [
    scoreValue({
      score: isInfinity.id,
      name: isInfinity.name,
      value: line.intercept,
      replicates: enough
        ? Array.from({ length: GROUPS }, (_, group) => fitWithout(group).line.intercept)
        : null,
      ...(!enough && { intervalKind: `none: fewer than ${2 * GROUPS} samples in the smallest subset` }),
      n,
      nReference: 0,
      warnings: smallSample(n, RECOMMENDED, 'the line against 1/N may not hold.'),
      plots: [
        {
          id: 'is-against-1-over-n',
          title: 'Inception Score against 1/N',
          x: { label: '1/N', values: [0, ...[...x].reverse()] },
          y: { label: is.name, values: [null, ...[...y].reverse()] },
          lines: [
            {
              label: 'fitted line',
              values: [0, ...[...x].reverse()].map((value) => line.intercept + line.slope * value),
            },
          ],
          kind: 'points',
        },
      ],
      details: { 'bias at N': line.slope / n, sizes: SIZES },
    }),
  ];
}

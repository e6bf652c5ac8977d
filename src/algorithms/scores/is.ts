/**
 * Inception Score: Salimans et al., "Improved techniques for training GANs", 2016 (arXiv 1606.03498):
 * exp E_x KL(p(y|x) ‖ p(y)), mean over 10 contiguous splits with their population std (openai/improved-gan).
 * torch-fidelity shuffles the samples first (RandomState(2020)): option `shuffle`.
 */
import type { ScorePlot, ScoreValue } from '../../shared/scores/scores.ts';
import { NumpyRandom } from '../latent/numpyRandom.ts';
import { GROUPS, jackknifeGroups } from '../stats/jackknife.ts';
import { addRow, type Cell, entropies, inceptionOf, makeCells } from './inception.ts';
import { breathe, check, invalid, numberOption, scoreValue, smallSample, wordOption } from './inputs.ts';
import type { Matrix, ScoreDefinition, ScoreInputs } from './types.ts';

const RECOMMENDED = 50_000;
const SPLITS = 10;
const SHUFFLE_SEED = 2020;
const PAUSE = 2048;
/** Bars of the class plot. */
const MOST_CLASSES = 60;

export const is: ScoreDefinition = {
  id: 'is',
  name: 'Inception Score',
  measures:
    'Whether a classifier is sure of each sample (sharp) and finds all its classes among them (even). It never looks at real images.',
  direction: 'higher',
  recommended: RECOMMENDED,
  goodAt: [
    'Agrees roughly with people on how recognisable pictures of ImageNet-like classes are',
    'Falls when whole classes are missing',
  ],
  badAt: [
    'Knows no reference: one perfect picture for each class has the best score there is',
    'Blind to dropped modes within a class, and to memorised images',
    'Says little of pictures that are not of the classifier’s classes (faces, rooms, drawings)',
    'Grows with N, and can be raised by adversarial noise',
  ],
  source:
    'Salimans et al. 2016 (arXiv 1606.03498); openai/improved-gan; Barratt & Sharma 2018 (arXiv 1801.01973); Borji 2019 (arXiv 1802.03446)',
  needs: { reference: 'none', logits: true, labels: false },
  options: ['splits', 'shuffle'],
  values: ['Inception Score'],
  compute,
};

/** Logits of the generated side, finite. */
export function logitsOf(inputs: ScoreInputs): Matrix {
  const { logits } = inputs.generated;
  if (logits === null) {
    throw invalid(
      'The Inception Score needs a classifier, and this extractor has no logits.',
      'Choose an extractor with classes, such as FID Inception.',
    );
  }
  check(logits, 'generated', 'the logits of the samples');
  if (logits.rows < 2) throw invalid('One sample has no Inception Score.', 'Ask for more samples.');
  return logits;
}

async function compute(inputs: ScoreInputs): Promise<readonly ScoreValue[]> {
  const logits = logitsOf(inputs);
  const n = logits.rows;
  const asked = numberOption(inputs.options, 'splits', SPLITS, { least: 1 });
  const splits = Math.min(asked, Math.floor(n / 2));
  const shuffled = wordOption(inputs.options, 'shuffle', ['no', 'yes']) === 'yes';
  const order = shuffled ? new NumpyRandom(SHUFFLE_SEED).permutation(n) : null;
  const groups = jackknifeGroups(n);
  // A cell for each split and group: a group left out leaves the splits what they are, less its rows.
  const cells = makeCells(splits * GROUPS, logits.columns);
  const surest = new Float64Array(n);
  const scratch = new Float64Array(logits.columns);
  for (let split = 0; split < splits; split++) {
    const to = Math.floor(((split + 1) * n) / splits);
    for (let i = Math.floor((split * n) / splits); i < to; i++) {
      if (i % PAUSE === 0) {
        inputs.report(i / n);
        await breathe(inputs);
      }
      const row = order?.[i] ?? i;
      const cell = cells[split * GROUPS + (groups?.[row] ?? 0)] as Cell;
      surest[row] = addRow(logits, row, cell, scratch);
    }
  }
  const scoreOf = (left: number | null) => {
    const values = Array.from({ length: splits }, (_, split) =>
      inceptionOf(cells.slice(split * GROUPS, (split + 1) * GROUPS).filter((_, group) => group !== left)),
    );
    const mean = values.reduce((a, b) => a + b, 0) / splits;
    return { mean, std: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / splits) };
  };
  const { mean, std } = scoreOf(null);
  const enough = groups !== null && n / splits >= 2 * GROUPS;
  const { marginal, conditional, average } = entropies(cells);
  return [
    scoreValue({
      score: is.id,
      name: is.name,
      value: mean,
      replicates: enough ? Array.from({ length: GROUPS }, (_, group) => scoreOf(group).mean) : null,
      ...(!enough && { intervalKind: `none: fewer than ${2 * GROUPS} samples in a split` }),
      spread: { name: `std over ${splits} split(s)`, value: std },
      n,
      nReference: 0,
      warnings: [
        ...smallSample(n, RECOMMENDED, 'the score grows with N, so compare it with values at this N only.'),
        ...(splits < asked ? [`${n} samples make ${splits} split(s) instead of ${asked}.`] : []),
      ],
      plots: [evenness(average), sharpness(surest)],
      details: {
        splits,
        'most it could be': logits.columns,
        // A sure classifier's is −0.
        'entropy of a sample’s classes': conditional + 0,
        'entropy of their average': marginal,
        'score in one split': Math.exp(marginal - conditional),
      },
    }),
  ];
}

/** The average over all samples: even? */
function evenness(average: Float64Array): ScorePlot {
  const classes = [...average.keys()].sort((a, b) => (average[b] as number) - (average[a] as number));
  const shown = average.length <= MOST_CLASSES ? [...average.keys()] : classes.slice(0, MOST_CLASSES);
  return {
    id: 'is-average',
    title: 'Over all samples: is each class made as often?',
    x: { label: 'class', values: shown },
    y: { label: 'share of the samples', values: shown.map((one) => average[one] as number) },
    lines: [{ label: 'all equal', values: shown.map(() => 1 / average.length) }],
    kind: 'bars',
  };
}

/** Per sample: sharp? */
function sharpness(surest: Float64Array): ScorePlot {
  const bins = 20;
  const counts = new Array<number>(bins).fill(0);
  for (const p of surest) {
    const bin = Math.min(bins - 1, Math.floor(p * bins));
    counts[bin] = (counts[bin] as number) + 1;
  }
  return {
    id: 'is-sharpness',
    title: 'Of each sample: how sure is the classifier of one class?',
    x: { label: 'largest probability', values: counts.map((_, bin) => (bin + 0.5) / bins) },
    y: { label: 'share of the samples', values: counts.map((count) => count / surest.length) },
    lines: [],
    kind: 'bars',
  };
}

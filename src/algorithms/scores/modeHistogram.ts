/**
 * The classes that a classifier sees in samples, against those it sees in real images: which are too rare or missing.
 * Source: Borji 2019 (arXiv 1802.03446), number of modes; Santurkar et al. 2018 (arXiv 1711.00970), whose distance of class
 * distributions this is.
 */
import type { ScorePlot } from '../../shared/scores/scores.ts';
import { histogram, leaveGroupsOut } from './groups.ts';
import { check, invalid, scoreValue, sideOf, smallSample } from './inputs.ts';
import type { Matrix, ScoreDefinition, ScoreInputs } from './types.ts';

const RECOMMENDED = 2000;
/** A class with less than this share of what it should have counts as missing. */
const MISSING = 0.1;
/** Real images below which nothing is said of a class. */
const LEAST_REAL = 10;
const BARS = 60;

export const modeHistogram: ScoreDefinition = {
  id: 'modes',
  name: 'Class balance',
  measures:
    'Whether a classifier finds its classes among the samples as often as among the real images: half the sum of differences, 0 equal, 1 disjoint.',
  direction: 'lower',
  recommended: RECOMMENDED,
  goodAt: ['Names the classes that are missing', 'Needs few samples'],
  badAt: [
    'Only sees classes that the classifier has',
    'A conditional generator makes whatever is asked of it: then it measures the asking',
    'Poor samples are given some class all the same',
  ],
  source: 'Santurkar et al. 2018 (arXiv 1711.00970); Borji 2019 (arXiv 1802.03446)',
  needs: { reference: 'features', logits: true, labels: false },
  options: [],
  values: ['Class balance'],
  compute,
};

/** The likeliest class of each row, [rows]. */
export function argmax({ rows, columns, values }: Matrix): Int32Array {
  const out = new Int32Array(rows);
  for (let i = 0; i < rows; i++)
    for (let j = 1; j < columns; j++)
      if ((values[i * columns + j] as number) > (values[i * columns + (out[i] as number)] as number))
        out[i] = j;
  return out;
}

function logitsOf(inputs: ScoreInputs, name: 'generated' | 'reference'): Matrix {
  const { logits } = sideOf(inputs, name);
  if (logits === null || logits.rows === 0)
    throw invalid(
      `The ${name} side has no logits.`,
      'Give pictures, or features made with an extractor that has classes.',
    );
  check(logits, name, `the ${name} logits`);
  return logits;
}

async function compute(inputs: ScoreInputs) {
  const [generated, reference] = [logitsOf(inputs, 'generated'), logitsOf(inputs, 'reference')];
  const classes = Math.max(generated.columns, reference.columns);
  const [own, theirs] = [argmax(generated), argmax(reference)];
  const real = histogram(theirs, classes);
  const counts = histogram(own, classes);
  const distance = (of: Float64Array) => {
    const n = of.reduce((a, b) => a + b, 0);
    let sum = 0;
    for (let c = 0; c < classes; c++)
      sum += Math.abs((of[c] as number) / n - (real[c] as number) / theirs.length);
    return sum / 2;
  };
  const [n, m] = [own.length, theirs.length];
  const missing = [...real.keys()].filter(
    (c) =>
      (real[c] as number) >= LEAST_REAL && (counts[c] as number) / n < (MISSING * (real[c] as number)) / m,
  );
  return [
    scoreValue({
      ...{ score: modeHistogram.id, name: modeHistogram.name, value: distance(counts), n, nReference: m },
      replicates: leaveGroupsOut(n, (keeps) => distance(histogram(own, classes, keeps))),
      warnings: [
        ...smallSample(n, RECOMMENDED, 'chance alone makes classes differ.'),
        ...(missing.length > 0
          ? [
              `${missing.length} class(es) of the reference are missing, or nearly: ${missing.slice(0, 20).join(', ')}.`,
            ]
          : []),
      ],
      plots: [bars(real, m, counts, n)],
      details: {
        ...{ classes, 'classes in the reference': real.filter((count) => count > 0).length },
        'classes in the samples': counts.filter((count) => count > 0).length,
        'classes missing': missing.length,
      },
    }),
  ];
}

function bars(real: Float64Array, m: number, counts: Float64Array, n: number): ScorePlot {
  const order = [...real.keys()].sort((a, b) => (real[b] as number) - (real[a] as number));
  const shown = real.length <= BARS ? [...real.keys()] : order.slice(0, BARS);
  return {
    id: 'modes',
    title: 'Classes: share of the samples, and of the real images',
    x: { label: 'class', values: shown },
    y: { label: 'share', values: shown.map((c) => (counts[c] as number) / n) },
    lines: [{ label: 'real images', values: shown.map((c) => (real[c] as number) / m) }],
    kind: 'bars',
  };
}

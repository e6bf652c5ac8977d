/**
 * GAN-train: how well a classifier that has seen samples alone knows real images; GAN-test: the reverse. For generators
 * that are asked for a class. Source: Shmelkov, Schmid & Alahari, "How good is my GAN?", 2018 (arXiv 1807.09499); here the
 * classifier is a multinomial logistic regression on the features (L2 = 1e-3), not a network trained anew.
 */

import { classify, fitLogistic, type Logistic } from '../stats/logistic.ts';
import { wilson } from '../stats/wilson.ts';
import { meanWithout } from './groups.ts';
import { bothFeatures, breathe, invalid, scoreValue, sideOf, smallSample } from './inputs.ts';
import type { Matrix, ScoreDefinition, ScoreInputs } from './types.ts';

const RECOMMENDED = 10_000;
const OPTIONS = { penalty: 1e-3, rounds: 500, tolerance: 1e-6 };

export const ganTrainTest: ScoreDefinition = {
  id: 'gan-train-test',
  name: 'GAN-train and GAN-test',
  measures:
    'Accuracy on real images of a classifier that has seen samples alone (train: quality and variety), and on samples of one that has seen real images alone (test: are they what was asked for?).',
  direction: 'higher',
  recommended: RECOMMENDED,
  goodAt: [
    'Judges whether a conditional generator makes what it is asked for',
    'GAN-train falls with both poor and too uniform samples; the two together tell which',
  ],
  badAt: [
    'A linear classifier on given features sees only what they hold',
    'Says nothing within a class that one picture of it does not say',
  ],
  source: 'Shmelkov et al. 2018 (arXiv 1807.09499); Borji 2022 (arXiv 2103.09396)',
  needs: { reference: 'features', logits: false, labels: true },
  options: [],
  values: ['GAN-train', 'GAN-test'],
  compute,
};

async function compute(inputs: ScoreInputs) {
  const { generated, reference } = bothFeatures(inputs, { generated: 2, reference: 2 });
  const [asked, real] = [labelsOf(inputs, 'generated', generated), labelsOf(inputs, 'reference', reference)];
  const classes = 1 + Math.max(...asked, ...real);
  const pause = () => breathe(inputs);
  const accuracy = async (train: Matrix, taught: Int32Array, test: Matrix, wanted: Int32Array) => {
    const model = await fitLogistic(train, taught, classes, OPTIONS, inputs.algebra, pause);
    const found = await classify(model, test, inputs.algebra, pause);
    const hits = found.reduce((sum, label, i) => sum + (label === wanted[i] ? 1 : 0), 0);
    return { hits, found, model };
  };
  const train = await accuracy(generated, asked, reference, real);
  inputs.report(0.5);
  const test = await accuracy(reference, real, generated, asked);
  const common = { score: ganTrainTest.id, n: generated.rows, nReference: reference.rows };
  const value = (hits: number, of: number) => ({
    value: hits / of,
    interval: wilson(hits, of),
    intervalKind: 'binomial (Wilson); the classifier held as it is',
  });
  const small = smallSample(generated.rows, RECOMMENDED, 'a classifier learns more from more.');
  const warningsOf = ({ model }: { readonly model: Logistic }) => [...small, ...unsettled(model)];
  // The classifier of real images knows nothing of the samples: each counts by itself, and can be left out.
  const { replicates } = meanWithout(
    Float64Array.from(test.found, (label, i) => (label === asked[i] ? 1 : 0)),
  );
  return [
    scoreValue({
      ...{ ...common, name: 'GAN-train', ...value(train.hits, reference.rows) },
      ...{ replicates: null, warnings: warningsOf(train) },
      details: { classes, 'training loss': train.model.loss, 'rounds of training': train.model.rounds },
    }),
    scoreValue({
      ...{ ...common, name: 'GAN-test', ...value(test.hits, generated.rows) },
      ...{ replicates, warnings: warningsOf(test) },
      plots: [confusion(asked, test.found, classes)],
      details: { classes, 'training loss': test.model.loss, 'rounds of training': test.model.rounds },
    }),
  ];
}

function unsettled({ rounds }: Logistic): string[] {
  if (rounds < OPTIONS.rounds) return [];
  return [
    `The classifier had not come to rest after ${rounds} rounds of training; the accuracy may be a little off.`,
  ];
}

function labelsOf(inputs: ScoreInputs, name: 'generated' | 'reference', { rows }: Matrix): Int32Array {
  const { labels } = sideOf(inputs, name);
  if (labels !== null && labels.length === rows) return labels;
  throw invalid(
    `The ${name} side has no classes.`,
    name === 'generated'
      ? 'This score is for generators that are asked for a class.'
      : 'Give a reference with classes: a .zip or folder with StyleGAN’s dataset.json.',
  );
}

/** Of the samples asked for each class: what share is recognised as it, and as each other. */
function confusion(asked: Int32Array, found: Int32Array, classes: number) {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const [i, label] of asked.entries()) {
    const row = counts[label] as number[];
    row[found[i] as number] = (row[found[i] as number] as number) + 1;
  }
  const cells = counts.map((row) => {
    const sum = row.reduce((a, b) => a + b, 0);
    return row.map((count) => (sum === 0 ? 0 : count / sum));
  });
  return {
    id: 'confusion',
    title: 'Samples asked for each class: share that is recognised as it',
    x: { label: 'class', values: cells.map((_, c) => c) },
    y: { label: 'share recognised as asked', values: cells.map((row, c) => row[c] as number) },
    lines: [],
    kind: 'bars' as const,
    cells,
  };
}

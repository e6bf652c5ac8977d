/** `genscope duplicates`: the most alike samples of each batch, and how many pictures the generator can make by that. */
import { duplicates } from '../engine/checks/duplicates.ts';
import { openPicturesOf, picturesAt } from '../engine/checks/sides.ts';
import { LEAST_BATCHES } from '../shared/checks/birthday.ts';
import type { Duplicates } from '../shared/checks/looks.ts';
import { cacheFolder } from './cache.ts';
import { looking, percent, requirePng, writeSheet } from './looks.ts';
import { modelArgument, parse, positiveNumber, wholeNumber } from './options.ts';
import { extractorOf, requireExtractor, SCORING_OPTIONS, samplingOf } from './scoring.ts';
import { print, printJson, say } from './terminal.ts';

const OPTIONS = {
  ...SCORING_OPTIONS,
  batch: { type: 'string' },
  batches: { type: 'string' },
  threshold: { type: 'string' },
  out: { type: 'string' },
} as const;

const BATCH = 100;

export async function duplicatesCommand(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const { values, positionals } = parse(argv, OPTIONS);
  const model = modelArgument(positionals, 'duplicates');
  requirePng(values.out);
  const { out } = values;
  const cache = cacheFolder(values);
  const extractor = requireExtractor(extractorOf(values, cache), 'duplicates');
  await looking(values, async ({ models, bars }) => {
    const { samples: _, ...sampling } = await samplingOf(values, model, models);
    const settings = {
      ...{ ...sampling, extractor, batch: wholeNumber(values.batch, 'batch', BATCH, 2, 1_000_000) },
      batches: wholeNumber(values.batches, 'batches', LEAST_BATCHES, 1, 10_000),
      threshold: values.threshold === undefined ? null : positiveNumber(values.threshold, 'threshold'),
    };
    const context = { models, signal, report: bars.update };
    const found = await duplicates({ model: { path: model }, settings, cache }, context);
    bars.end();
    for (const warning of found.warnings) say(`genscope: ${warning}\n`);
    if (out !== undefined) {
      const { seed, source, classes, quantisation, batch, batches } = settings;
      const plan = { kind: 'model', model: { path: model }, samples: batch * batches } as const;
      const made = await openPicturesOf({ ...plan, seed, source, classes, quantisation }, context);
      try {
        const rows = [];
        for (const { places } of found.pairs) rows.push(await picturesAt(made, places));
        await writeSheet(out, rows, [2], 'the closest pair of each batch, closest first');
      } finally {
        made.close();
      }
    }
    if (values.json) printJson(found);
    else print(textOf(found));
  });
}

function textOf({ pairs, estimate, settings, model }: Duplicates): string {
  const { batch, batches, threshold } = settings;
  const head = `${model.file}: the closest pair of each of ${batches} batches of ${batch}\n  batch       samples  distance\n`;
  const lines = pairs.map(
    ({ batch: number, places, distance }) =>
      `${String(number).padStart(7)} ${places.join(', ').padStart(13)}  ${distance.toPrecision(4)}`,
  );
  const few = batches < LEAST_BATCHES ? ` Fewer than ${LEAST_BATCHES} batches say little.` : '';
  if (estimate === null)
    return `${head}${lines.join('\n')}\nLook at the pairs (--out pairs.png): alike or not? With --threshold D the distance answers.${few}\n`;
  const { share, shareInterval, support, interval } = estimate;
  const count = (value: number | null) => (value === null ? '∞' : Math.round(value).toLocaleString('en'));
  const most =
    support === null
      ? `at least ${count(interval[0])}`
      : `about ${count(support)} (${count(interval[0])}–${count(interval[1])})`;
  return `${head}${lines.join('\n')}\nBy the distance (≤ ${threshold}), not by a person: ${percent(share)} (${shareInterval.map(percent).join('–')}) of the batches have two alike, so it makes ${most} different pictures, were all equally likely.${few}\n`;
}

/** `genscope artifacts`: units whose strongest samples are least like real images, and what switching them off does to FID. */
import { artifacts } from '../engine/checks/artifacts.ts';
import { openPicturesOf, picturesAt } from '../engine/checks/sides.ts';
import type { Artifacts } from '../shared/checks/looks.ts';
import { cacheFolder } from './cache.ts';
import { looking, requirePng, writeSheet } from './looks.ts';
import { badOption, modelArgument, parse, wholeNumber } from './options.ts';
import { extractorOf, requireExtractor, SCORING_OPTIONS, samplingOf } from './scoring.ts';
import { print, printJson, say } from './terminal.ts';

const OPTIONS = {
  ...SCORING_OPTIONS,
  'layer-of-units': { type: 'string' },
  reference: { type: 'string' },
  'reference-samples': { type: 'string' },
  top: { type: 'string' },
  worst: { type: 'string' },
  random: { type: 'string' },
  out: { type: 'string' },
} as const;

const ROWS = 15;
const PICTURES = 10;

export async function artifactsCommand(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const { values, positionals } = parse(argv, OPTIONS);
  const model = modelArgument(positionals, 'artifacts');
  const { reference, out } = values;
  const layer = values['layer-of-units'];
  if (reference === undefined || layer === undefined)
    throw badOption('genscope artifacts needs --layer-of-units L and --reference R (real images).');
  requirePng(out);
  const cache = cacheFolder(values);
  const extractor = requireExtractor(extractorOf(values, cache), 'artifacts');
  await looking(values, async ({ models, bars }) => {
    const settings = {
      ...(await samplingOf(values, model, models)),
      ...{ extractor, reference, layer, top: wholeNumber(values.top, 'top', 25, 2, 1000) },
      worst: wholeNumber(values.worst, 'worst', 5, 0, 10_000),
      random: wholeNumber(values.random, 'random', 5, 0, 1000),
      referenceSamples: wholeNumber(values['reference-samples'], 'reference-samples', 0, 2, 10_000_000),
    };
    const context = { models, signal, report: bars.update };
    const found = await artifacts({ model: { path: model }, settings, cache }, context);
    bars.end();
    for (const warning of found.warnings) say(`genscope: ${warning}\n`);
    if (out !== undefined) {
      const { seed, samples, source, classes, quantisation } = settings;
      const plan = {
        kind: 'model',
        model: { path: model },
        samples,
        seed,
        source,
        classes,
        quantisation,
      } as const;
      const made = await openPicturesOf(plan, context);
      try {
        const rows = [];
        for (const { places } of found.units.slice(0, ROWS))
          rows.push(await picturesAt(made, places.slice(0, PICTURES)));
        await writeSheet(out, rows, [PICTURES], 'a unit a row, its strongest samples, the worst unit first');
      } finally {
        made.close();
      }
    }
    if (values.json) printJson(found);
    else print(textOf(found));
  });
}

function textOf({ units, usual, layer, model, reference, ablated, settings }: Artifacts): string {
  const head = `${model.file}, units of ${layer}, by the distance of their ${settings.top} strongest samples of ${settings.samples.toLocaleString('en')} to ${reference.name} (all samples: ${usual.toPrecision(3)})\n   unit  distance       z        p (Holm)\n`;
  const lines = units
    .slice(0, ROWS)
    .map(
      ({ unit, distance, z, p }) =>
        `${String(unit).padStart(7)} ${distance.toPrecision(3).padStart(9)} ${z.toFixed(1).padStart(7)} ${p.toPrecision(2).padStart(9)}`,
    );
  const count = units.filter(({ p }) => p < 0.05).length;
  const says = `${count} of ${units.length} units are driven by samples less real than chance (p < 0.05).`;
  if (ablated === null) return `${head}${lines.join('\n')}\n${says}\n`;
  const { change, interval, before, random } = ablated;
  const signed = (value: number) => `${value > 0 ? '+' : ''}${value.toPrecision(3)}`;
  const ends = interval === null ? '' : ` (${interval.map(signed).join(' to ')})`;
  const others =
    random.length === 0
      ? ''
      : `; ${random.length} random sets of as many: ${random.map((one) => signed(one.change)).join(', ')}`;
  return `${head}${lines.join('\n')}\n${says}\nFID ${before.toPrecision(4)}; without the ${ablated.units.length} worst ${signed(change)}${ends}${others}. ${ablated.alarm ? 'They spoil pictures: FID is better without them, and no random set did as much.' : 'No sign that they spoil pictures: rank alone is no fault.'}\n`;
}

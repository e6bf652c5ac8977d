/** `genscope neighbours`: which real images samples resemble, as a table and as a picture; the most suspicious first. */
import { neighbours } from '../engine/checks/neighbours.ts';
import type { Neighbours } from '../shared/checks/looks.ts';
import { cacheFolder } from './cache.ts';
import { looking, percent, requirePng, writeSheet } from './looks.ts';
import { badOption, modelArgument, parse, wholeNumber } from './options.ts';
import { extractorOf, requireExtractor, SCORING_OPTIONS, samplingOf } from './scoring.ts';
import { print, printJson, say } from './terminal.ts';

const OPTIONS = {
  ...SCORING_OPTIONS,
  reference: { type: 'string' },
  'reference-samples': { type: 'string' },
  show: { type: 'string' },
  places: { type: 'string' },
  k: { type: 'string' },
  out: { type: 'string' },
} as const;

const SHOWN = 12;
const MOST_SHOWN = 64;
const NEIGHBOURS = 4;

export async function neighboursCommand(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const { values, positionals } = parse(argv, OPTIONS);
  const model = modelArgument(positionals, 'neighbours');
  const { reference, out } = values;
  if (reference === undefined)
    throw badOption('genscope neighbours needs --reference R: the images that the generator was trained on.');
  requirePng(out);
  if (values.show !== undefined && values.places !== undefined)
    throw badOption('--show and --places exclude each other.');
  const cache = cacheFolder(values);
  const extractor = requireExtractor(extractorOf(values, cache), 'neighbours');
  await looking(values, async ({ models, bars }) => {
    const settings = {
      ...(await samplingOf(values, model, models)),
      ...{ extractor, reference, k: wholeNumber(values.k, 'k', NEIGHBOURS, 1, 20) },
      referenceSamples: wholeNumber(values['reference-samples'], 'reference-samples', 0, 2, 10_000_000),
      shown:
        values.places === undefined
          ? wholeNumber(values.show, 'show', SHOWN, 1, MOST_SHOWN)
          : values.places.split(',').map((place) => wholeNumber(place.trim(), 'places', 0, 0, 1e9)),
    };
    const params = { model: { path: model }, settings, cache };
    const { found, pictures } = await neighbours(params, { models, signal, report: bars.update });
    bars.end();
    for (const warning of found.warnings) say(`genscope: ${warning}\n`);
    if (out !== undefined)
      await writeSheet(
        out,
        pictures,
        [1, settings.k, settings.k],
        'sample | nearest by features | nearest by pixels',
      );
    if (values.json) printJson(found);
    else print(textOf(found));
  });
}

function textOf({ rows, copied, model, reference, extractor, compared, settings }: Neighbours): string {
  const head = `${model.file} beside ${reference.name} (${reference.count.toLocaleString('en')} images), features of ${extractor.name} (${extractor.resize}), pixels at ${compared.width}×${compared.height}\n`;
  const lines = rows.map(({ place, ratio, features, pixels, shifted }) =>
    [
      String(place).padStart(7),
      ratio.toFixed(3).padStart(7),
      ` ${features[0]?.file ?? ''} (${features[0]?.distance.toPrecision(3)})`,
      ` ${pixels[0]?.file ?? ''} (${pixels[0]?.distance.toPrecision(3)})`,
      ` ${shifted.byFeatures.file === shifted.file ? 'found' : 'lost'} by features, ${shifted.byPixels.file === shifted.file ? 'found' : 'lost'} by pixels`,
    ].join(' '),
  );
  const columns =
    ' sample   ratio  nearest by features, by pixels (distance); that image shifted by one pixel';
  return `${head}${columns}\n${lines.join('\n')}\n${verdict(copied, settings.samples)}`;
}

function verdict(copied: Neighbours['copied'], samples: number): string {
  if (copied === null) return 'Too few samples or images to say whether it copies (40 of each).\n';
  const range = copied.interval ? ` (${copied.interval.map(percent).join('–')})` : '';
  const ends = copied.ctInterval ? ` (${copied.ctInterval.map((end) => end.toFixed(1)).join(' to ')})` : '';
  const says = copied.alarm
    ? 'Samples lie nearer to the images than other images do: it copies, beyond chance.'
    : 'No sign of copying beyond chance.';
  return `Of ${samples.toLocaleString('en')} samples ${percent(copied.share)}${range} are as near to an image as images are to each other; C_T ${copied.ct.toFixed(1)}${ends}. ${says}\n`;
}

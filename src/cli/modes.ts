/** `genscope modes`: kinds of real pictures that a generator hardly makes, and samples unlike any real picture. */
import { modes } from '../engine/checks/modes.ts';
import { openPicturesOf, picturesAt } from '../engine/checks/sides.ts';
import type { Mode, Modes } from '../shared/checks/looks.ts';
import { cacheFolder } from './cache.ts';
import { looking, percent, requirePng, writeSheet } from './looks.ts';
import { badOption, modelArgument, parse, wholeNumber } from './options.ts';
import { extractorOf, requireExtractor, SCORING_OPTIONS, samplingOf } from './scoring.ts';
import { print, printJson, say } from './terminal.ts';

const OPTIONS = {
  ...SCORING_OPTIONS,
  reference: { type: 'string' },
  'reference-samples': { type: 'string' },
  k: { type: 'string' },
  show: { type: 'string' },
  out: { type: 'string' },
} as const;

const KINDS = 20;
const SHOWN = 6;
/** Kinds on the sheet: those that differ, as many as one looks at. */
const MOST_ROWS = 30;

export async function modesCommand(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const { values, positionals } = parse(argv, OPTIONS);
  const model = modelArgument(positionals, 'modes');
  const { reference, out } = values;
  if (reference === undefined) throw badOption('genscope modes needs --reference R: real images.');
  requirePng(out);
  const cache = cacheFolder(values);
  const extractor = requireExtractor(extractorOf(values, cache), 'modes');
  await looking(values, async ({ models, bars }) => {
    const settings = {
      ...(await samplingOf(values, model, models)),
      ...{ extractor, reference, k: wholeNumber(values.k, 'k', KINDS, 2, 10_000) },
      shown: wholeNumber(values.show, 'show', SHOWN, 1, 20),
      referenceSamples: wholeNumber(values['reference-samples'], 'reference-samples', 0, 2, 10_000_000),
    };
    const context = { models, signal, report: bars.update };
    const found = await modes({ model: { path: model }, settings, cache }, context);
    bars.end();
    for (const warning of found.warnings) say(`genscope: ${warning}\n`);
    if (out !== undefined) {
      const { seed, samples, source, classes, quantisation } = settings;
      const most = settings.referenceSamples;
      const real = await openPicturesOf({ kind: 'path', path: reference, most, seed }, context);
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
        for (const { realPlaces, madePlaces } of found.modes.slice(0, MOST_ROWS))
          rows.push([...(await picturesAt(real, realPlaces)), ...(await picturesAt(made, madePlaces))]);
        const groups = [
          Math.max(1, ...found.modes.map(({ realPlaces }) => realPlaces.length)),
          settings.shown,
        ];
        await writeSheet(out, rows, groups, 'a kind a row, real | made');
      } finally {
        real.close();
        made.close();
      }
    }
    if (values.json) printJson(found);
    else print(textOf(found));
  });
}

function textOf({ modes: all, strange, model, reference, extractor, settings }: Modes): string {
  const of = (verdict: Mode['verdict']) => all.filter((mode) => mode.verdict === verdict).length;
  const [missing, rare, frequent] = [of('missing'), of('rare'), of('frequent')];
  const lines = all
    .filter(({ verdict }) => verdict !== 'even')
    .map(({ cell, real, made, p, verdict, label }) =>
      [
        String(cell).padStart(6),
        verdict.padEnd(9),
        percent(real).padStart(8),
        percent(made).padStart(8),
        p.toPrecision(2).padStart(8),
        label === null ? '' : `  mostly class ${label}`,
      ].join(' '),
    );
  const head = `${model.file} against ${reference.name} (${reference.count.toLocaleString('en')} images) in ${all.length} kinds, features of ${extractor.name}\n`;
  const table =
    lines.length > 0
      ? `  kind  is           real     made        p (of equal shares, Holm)\n${lines.join('\n')}\n`
      : '';
  const says =
    missing + rare + frequent === 0
      ? 'No kind is made too rarely or too often, beyond chance.'
      : `${missing} missing, ${rare} too rare, ${frequent} too frequent, beyond chance (p < 0.05).`;
  const worst = strange.map(({ place, realism }) => `${place} (${realism.toFixed(2)})`).join(', ');
  return `${head}${table}${says}\nLeast real of ${settings.samples.toLocaleString('en')} samples (realism): ${worst}\n`;
}

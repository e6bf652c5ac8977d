/** `genscope score`: how good a generator is, with intervals, as a table, a row for a paper, or JSON. */

import { fileError } from '../engine/files/fileSource.ts';
import type { Models } from '../engine/models/models.ts';
import { scoreDescriptions } from '../engine/scores/choose.ts';
import { score } from '../engine/scores/score.ts';
import { scoreTrial } from '../engine/scores/scoreTrial.ts';
import { parseEditFile } from '../shared/edits/editFile.ts';
import { MOST_JSON_BYTES, readSmallText } from '../shared/files/readSmall.ts';
import { PUBLISHED_EXTRACTORS } from '../shared/scores/extractors.ts';
import { SCORE_PRESETS, type ScorePreset } from '../shared/scores/scorePresets.ts';
import {
  type ReferenceRef,
  SCORE_DEFAULTS,
  type ScoreParams,
  type ScoreSettings,
} from '../shared/scores/scores.ts';
import { asCsv, asLatex, asMarkdown, asText } from '../shared/scores/scoreTable.ts';
import { cacheFolder } from './cache.ts';
import { badOption, parse, wholeNumber } from './options.ts';
import {
  extractorOf,
  isModel,
  requireExtractor,
  SCORING_OPTIONS,
  samplesOf,
  samplingOf,
  scoreBars,
  scoringModels,
  seedOf,
} from './scoring.ts';
import { print, printJson, say } from './terminal.ts';

const OPTIONS = {
  ...SCORING_OPTIONS,
  reference: { type: 'string' },
  'reference-samples': { type: 'string' },
  'reference-seed': { type: 'string' },
  scores: { type: 'string' },
  preset: { type: 'string' },
  option: { type: 'string', multiple: true },
  edit: { type: 'string' },
  compare: { type: 'boolean' },
  trial: { type: 'boolean' },
  markdown: { type: 'boolean' },
  latex: { type: 'boolean' },
  csv: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parse<typeof OPTIONS>>['values'];

export async function scoreCommand(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const { values: asked, positionals } = parse(argv, OPTIONS);
  const preset = presetOf(asked);
  const values = preset === null ? asked : withPreset(asked, preset);
  const [given, against, extra] = positionals;
  if (given === undefined || extra !== undefined)
    throw badOption(
      'genscope score takes a MODEL, a file of features, or pictures, and what it is held against.',
    );
  if (against !== undefined && values.reference !== undefined)
    throw badOption('The second argument and --reference mean the same: give one of them.');
  const reference = values.reference ?? against;
  const formats = [values.json, values.markdown, values.latex, values.csv].filter(Boolean);
  if (formats.length > 1) throw badOption('--json, --markdown, --latex and --csv exclude each other.');
  const models = scoringModels(values);
  const bars = scoreBars();
  try {
    const params = await paramsOf(
      { ...values, ...(reference !== undefined && { reference }) },
      given,
      models,
    );
    if (values.trial) {
      printJson(await scoreTrial(params, { models, signal, report: () => {} }));
      return;
    }
    const run = await score(params, { models, signal, report: bars.update });
    bars.end();
    const notes = [
      ...(preset === null ? [] : notThePreset(preset, run.extractor.features)),
      ...run.warnings,
      ...run.scores.flatMap(({ name, warnings }) => warnings.map((w) => `${name}: ${w}`)),
    ];
    for (const note of new Set(notes)) say(`genscope: ${note}\n`);
    if (values.json) printJson(run);
    else print(formatOf(values)(run));
  } finally {
    bars.end();
    await models.releaseAll();
  }
}

function presetOf({ preset, scores }: Values): ScorePreset | null {
  if (preset === undefined) return null;
  if (scores !== undefined) throw badOption('--preset and --scores exclude each other.');
  const found = SCORE_PRESETS.find(({ id }) => id === preset);
  if (found !== undefined) return found;
  throw badOption(`--preset takes ${SCORE_PRESETS.map(({ id }) => id).join(', ')}, not “${preset}”.`);
}

/** What a person says besides goes before. */
function withPreset(values: Values, { id, scores, resize, samples }: ScorePreset): Values {
  // The network that it is published with, where that is one to set up.
  const own = PUBLISHED_EXTRACTORS.find(({ preset }) => preset === id);
  return {
    ...(own && { extractor: own.id }),
    ...{ resize, samples: String(samples), ...values, scores: scores.join(',') },
  };
}

/** Known by the length of its features alone, but that tells the usual mistakes. */
function notThePreset({ name, extractor, features }: ScorePreset, own: number): string[] {
  if (features === 0 || own === 0 || own === features) return [];
  return [
    `${name} as published is made with ${extractor}, of ${features} features; this extractor has ${own}, so the value is one of its own.`,
  ];
}

function formatOf(values: Values) {
  if (values.markdown) return asMarkdown;
  if (values.latex) return asLatex;
  return values.csv ? asCsv : asText;
}

async function paramsOf(values: Values, given: string, models: Models): Promise<ScoreParams> {
  const cache = cacheFolder(values);
  const reference = referenceOf(values);
  const arrays =
    isArrays(given) && (reference === null || (reference.kind === 'path' && isArrays(reference.path)));
  const named = extractorOf(values, cache);
  // Features on both sides stand for themselves.
  const extractor = arrays ? (named ?? { path: '' }) : requireExtractor(named, 'score');
  const edits = values.edit === undefined ? [] : parseEditFile(readText(values.edit)).edits;
  if (values.compare && edits.length === 0) throw badOption('--compare needs --edit edit.json.');
  if (edits.length > 0 && !isModel(given)) throw badOption('--edit needs a MODEL.');
  const sampling = isModel(given)
    ? await samplingOf(values, given, models)
    : {
        ...SCORE_DEFAULTS,
        samples: values.samples === undefined ? 0 : samplesOf(values),
        seed: seedOf(values.seed, 'seed', SCORE_DEFAULTS.seed),
      };
  const settings: ScoreSettings = {
    ...{ ...SCORE_DEFAULTS, ...sampling, extractor, reference },
    scores: values.scores === undefined ? [] : listOf(values.scores),
    referenceSamples: wholeNumber(values['reference-samples'], 'reference-samples', 0, 2, 10_000_000),
    options: optionsOf(values.option ?? []),
  };
  const model = isModel(given) ? { path: given } : { features: given };
  return { model, settings, cache, ...(edits.length > 0 && { edits, compare: values.compare === true }) };
}

function referenceOf(values: Values): ReferenceRef | null {
  const { reference } = values;
  if (reference === undefined) return null;
  if (!isModel(reference)) return { kind: 'path', path: reference };
  // Not the seed of the samples: the same latents on both sides would make the two sets too alike.
  const seed = seedOf(values['reference-seed'], 'reference-seed', SCORE_DEFAULTS.seed + 1);
  return { kind: 'model', model: { path: reference }, seed };
}

function isArrays(given: string): boolean {
  return /\.np[yz]$/i.test(given);
}

/** By id or by name, however they are written: `FID`, `Precision`, `kid`. */
function listOf(text: string): string[] {
  const list = text.split(',').flatMap((id) => (id.trim() === '' ? [] : [idOf(id.trim())]));
  if (list.length === 0) throw badOption('--scores takes names with commas between: --scores fid,kid.');
  return list;
}

function idOf(given: string): string {
  const wanted = given.toLowerCase();
  const all = scoreDescriptions();
  const found =
    all.find(({ id }) => id.toLowerCase() === wanted) ??
    all.find(({ name }) => name.toLowerCase() === wanted);
  return found?.id ?? given;
}

/** `kid.subsets=50` */
function optionsOf(given: readonly string[]): ScoreSettings['options'] {
  const options: Record<string, Record<string, number | string>> = {};
  for (const text of given) {
    const [, id, name, value] = /^([\w-]+)\.([\w-]+)=(.+)$/.exec(text) ?? [];
    if (id === undefined || name === undefined || value === undefined)
      throw badOption(`--option takes score.name=value, such as kid.subsets=50, not “${text}”.`);
    const score = idOf(id);
    const own = options[score] ?? {};
    own[name] = Number.isFinite(Number(value)) ? Number(value) : value;
    options[score] = own;
  }
  return options;
}

function readText(file: string): string {
  const text = readSmallText(file, { most: MOST_JSON_BYTES, what: 'The edit' });
  if (text === null) throw fileError(file, Object.assign(new Error(file), { code: 'ENOENT' }));
  return text;
}

/** `genscope dissect MODEL`: which units stand for which concepts, as files, and as one JSON object for scripts. */
import path from 'node:path';
import { dissect, noLayers } from '../engine/dissect/dissect.ts';
import { workProgress } from '../engine/kernel/progress.ts';
import { Models } from '../engine/models/models.ts';
import { layersIn } from '../engine/open/layers.ts';
import { openModelFile } from '../engine/open/modelFile.ts';
import { findImages } from '../engine/pictures/imageFolder.ts';
import { type DissectJson, dissectJson } from '../engine/report/dissectJson.ts';
import { dataFiles, reportFile, writeFiles } from '../engine/report/writeReport.ts';
import { takesMasks, verdictOf } from '../engine/translator/loadTranslator.ts';
import { withoutMasks } from '../engine/translator/masks.ts';
import { asGenscopeError, GenscopeError } from '../shared/kernel/errors.ts';
import {
  DEFINITIONS,
  DISSECT_DEFAULTS,
  type DissectProgress,
  type DissectResult,
  type DissectSettings,
} from '../shared/units/dissection.ts';
import { cacheFolder } from './cache.ts';
import { badOption, modelArgument, oneOf, parse, positiveNumber, wholeNumber } from './options.ts';
import { progressBar, say } from './terminal.ts';

const OPTIONS = {
  layer: { type: 'string', multiple: true },
  'all-layers': { type: 'boolean' },
  segmenter: { type: 'string' },
  input: { type: 'string', multiple: true },
  samples: { type: 'string' },
  seed: { type: 'string' },
  'level-seed': { type: 'string' },
  quantile: { type: 'string' },
  iqr: { type: 'boolean' },
  'least-iou': { type: 'string' },
  definition: { type: 'string' },
  resolution: { type: 'string' },
  batch: { type: 'string' },
  'batch-size': { type: 'string' },
  threads: { type: 'string' },
  cache: { type: 'string' },
  'no-cache': { type: 'boolean' },
  report: { type: 'boolean' },
  'no-report': { type: 'boolean' },
  out: { type: 'string' },
  json: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parse<typeof OPTIONS>>['values'];

const MAX_SEED = 2 ** 32 - 1;

/** What was asked for, checked as far as it can be without opening the model. */
interface Wish {
  readonly model: string;
  readonly segmenter: string;
  /** Pictures for an image-to-image model; null for a generator, which draws its own. */
  readonly inputs: readonly string[] | null;
  /** Nobody said how many samples: with few pictures there are fewer. */
  readonly isCountOpen: boolean;
  /** Null: all that the model lists. */
  readonly layers: readonly string[] | null;
  readonly settings: Omit<DissectSettings, 'layers'>;
  readonly cache: string | null;
  readonly batch: number;
  readonly report: boolean;
  readonly out: string | null;
  readonly json: boolean;
}

export async function dissectCommand(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const { values, positionals } = parse(argv, OPTIONS);
  const wish = wishOf(values, positionals);
  const models = new Models({ threads: wholeNumber(values.threads, 'threads', 0, 0, 256) });
  try {
    await run(wish, models, signal);
  } finally {
    await models.releaseAll();
  }
}

function wishOf(values: Values, positionals: readonly string[]): Wish {
  // A shell makes many of `--input pictures/*.png`: all but the first of them stand among the positionals.
  const [named, ...more] = positionals;
  const inputs = values.input === undefined ? null : [...values.input, ...more];
  const model = modelArgument(inputs === null || named === undefined ? positionals : [named], 'dissect');
  const { layer, segmenter, out, json } = values;
  if (segmenter === undefined)
    throw badOption('genscope dissect needs --segmenter DIR, the folder of a segmentation network.');
  if ((layer === undefined) === (values['all-layers'] !== true))
    throw badOption('genscope dissect needs either --layer L (more than once, if you like) or --all-layers.');
  if (out === undefined && json !== true) throw badOption('genscope dissect needs --out DIR, or --json.');
  if (values.cache !== undefined && values['no-cache'])
    throw badOption('--cache and --no-cache exclude each other.');
  if (values.report && (values['no-report'] || out === undefined))
    throw badOption('--report needs --out DIR, and no --no-report.');
  return {
    model,
    segmenter,
    inputs,
    isCountOpen: values.samples === undefined,
    layers: layer ?? null,
    settings: settingsOf(values),
    cache: cacheFolder(values),
    // 0: as many as suit the model.
    batch:
      values.batch === undefined
        ? wholeNumber(values['batch-size'], 'batch-size', 0, 1, 4096)
        : wholeNumber(values.batch, 'batch', 0, 1, 4096),
    report: values['no-report'] !== true,
    out: out === undefined ? null : path.resolve(out),
    json: json === true,
  };
}

function settingsOf(values: Values): Omit<DissectSettings, 'layers'> {
  const { samples, seed, levelSeed, level, leastIou, resolution } = DISSECT_DEFAULTS;
  if (values.iqr && values.quantile !== undefined)
    throw badOption('--quantile and --iqr exclude each other: each chooses the thresholds.');
  const own = values.quantile === undefined ? null : share(values.quantile, 'quantile');
  const definition =
    values.definition === undefined
      ? undefined
      : oneOf(values.definition, 'definition', ['dissect', 'gandissect'], 'dissect');
  if (definition === 'dissect' && values.iqr)
    throw badOption('--iqr is gandissect’s: --definition gandissect.');
  const theirs = definition && DEFINITIONS[definition];
  const first = wholeNumber(values.seed, 'seed', seed, 0, MAX_SEED);
  return {
    ...DISSECT_DEFAULTS,
    samples: wholeNumber(values.samples, 'samples', samples, 2, 10_000_000),
    seed: first,
    // Neither reference holds levels out.
    levelSeed: wholeNumber(values['level-seed'], 'level-seed', theirs ? first : levelSeed, 0, MAX_SEED),
    level: values.iqr
      ? { mode: 'iqr' }
      : own !== null || theirs
        ? { mode: 'quantile', quantile: own ?? (theirs?.quantile as number) }
        : level,
    leastIou:
      values['least-iou'] === undefined
        ? (theirs?.leastIou ?? leastIou)
        : share(values['least-iou'], 'least-iou'),
    ...(definition && { definition }),
    resolution: wholeNumber(values.resolution, 'resolution', resolution, 1, 4096),
  };
}

function share(value: string, option: string): number {
  const number = positiveNumber(value, option);
  if (number >= 1) throw badOption(`--${option} takes a number from 0 to 1, not “${value}”.`);
  return number;
}

async function run(wish: Wish, models: Models, signal: AbortSignal): Promise<void> {
  // A place that cannot be written is refused before any work.
  if (wish.out !== null) writeFiles(wish.out, {});
  const settings = await settled(wish, signal);
  const layers = wish.layers ?? (await allLayers(wish, models));
  const result = await measure({ ...wish, settings }, layers, models, signal);
  const { dissection } = result;
  const files: string[] = [];
  try {
    if (wish.out !== null) files.push(...writeFiles(wish.out, dataFiles(dissection)));
    if (wish.out !== null && wish.report && wish.inputs === null)
      files.push(...(await writePage(wish, wish.out, result, models, signal)));
  } catch (thrown) {
    throw withoutLoss(asGenscopeError(thrown), result);
  } finally {
    // Said as well when the files could not be written: it is what took the time.
    for (const warning of dissection.warnings) say(`genscope: ${warning}\n`);
    if (wish.inputs !== null && wish.out !== null && wish.report)
      say('genscope: report.html is drawn for generators only; the tables are of every model.\n');
    say(summary(result, files));
    if (wish.json) process.stdout.write(`${asJson(dissectJson(dissection), result, files)}\n`);
  }
}

/** What could not be written can be, without the work, wherever there is room. */
function withoutLoss(error: GenscopeError, { file }: DissectResult): GenscopeError {
  if (error.code !== 'output.notWritable' || file === null) return error;
  const advice = `${error.advice} The dissection is kept in ${file}: the same command does not compute it again.`;
  return new GenscopeError(error.code, error.message, advice, { detail: error.detail ?? error.message });
}

async function allLayers({ model, inputs }: Wish, models: Models): Promise<readonly string[]> {
  const opened =
    inputs === null
      ? await models.generator({ path: model }).catch((thrown: unknown) => {
          throw towardsInput(thrown, model);
        })
      : await models.translator({ path: model });
  const { all } = await layersIn(opened);
  if (all.length === 0) throw noLayers(opened.fileName);
  return all.map(({ name }) => name);
}

/** As many samples as were asked for, or, where nobody asked, as there are pictures for. */
async function settled(
  { model, inputs, isCountOpen, settings }: Wish,
  signal: AbortSignal,
): Promise<Wish['settings']> {
  if (inputs === null || !isCountOpen) return settings;
  const { files: all } = await findImages(inputs, signal);
  const files = takesMasks(openModelFile({ path: model })) ? withoutMasks(all) : all;
  return { ...settings, samples: Math.min(settings.samples, Math.max(2, files.length)) };
}

/** What makes pictures of pictures needs some to be dissected with. */
function towardsInput(thrown: unknown, model: string): GenscopeError {
  const error = asGenscopeError(thrown);
  if (error.code !== 'model.notGenerator') return error;
  if (verdictOf(openModelFile({ path: model })).kind !== 'imageToImage') return error;
  const advice = 'Give it pictures to work on: genscope dissect MODEL --input DIR ….';
  return new GenscopeError(error.code, error.message, advice);
}

const PHASES = { levels: 'thresholds', choosing: 'choosing thresholds', agreement: 'agreement' } as const;

async function measure(
  { model, inputs, segmenter, settings, cache, batch }: Wish,
  layers: readonly string[],
  models: Models,
  signal: AbortSignal,
): Promise<DissectResult> {
  let bar: ReturnType<typeof progressBar> | null = null;
  let phase: DissectProgress['phase'] | null = null;
  const report = (progress: DissectProgress) => {
    const { done, total } = progress;
    // Work that begins in the middle was begun before.
    if (phase === null && (done > 0 || progress.phase !== 'levels'))
      say(`resumed at ${whole(done)} of ${whole(total)} (${PHASES[progress.phase]})\n`);
    if (progress.phase !== phase) {
      bar?.end();
      phase = progress.phase;
      bar = progressBar(PHASES[phase]);
    }
    bar?.update(progress);
  };
  try {
    return await dissect(
      {
        model: { path: model },
        ...{ segmenter, cache, settings: { ...settings, layers } },
        ...(batch > 0 && { batch }),
        ...(inputs !== null && { inputs }),
      },
      { models, signal, report },
    ).catch((thrown: unknown) => {
      throw inputs === null ? towardsInput(thrown, model) : thrown;
    });
  } finally {
    // Assigned in a callback, which the compiler does not follow.
    (bar as ReturnType<typeof progressBar> | null)?.end();
  }
}

async function writePage(
  { model, segmenter }: Wish,
  out: string,
  { dissection }: DissectResult,
  models: Models,
  signal: AbortSignal,
): Promise<string[]> {
  const bar = progressBar('pictures');
  let progress: ((done: number) => void) | null = null;
  try {
    const generator = await models.generator({ path: model });
    const found = await layersIn(generator);
    const page = await reportFile(
      {
        ...{ dissection, generator, layers: dissection.layers.map(({ tensor }) => found.named(tensor)) },
        segmenter: await models.segmenter(segmenter),
      },
      {
        signal,
        progress: (done, total) => {
          progress ??= workProgress(total, bar.update);
          progress(done);
        },
      },
    );
    return writeFiles(out, { 'report.html': page });
  } finally {
    bar.end();
  }
}

/** Without what only a page that sorts needs; in one line, for of several layers it is long. */
function asJson(json: DissectJson, { cached, file }: DissectResult, files: readonly string[]): string {
  const layers = json.layers.map(({ rankings: _, ...layer }) => layer);
  return JSON.stringify({ ...json, layers, cached, cache: file, files });
}

function summary({ dissection, cached }: DissectResult, files: readonly string[]): string {
  const lines = dissection.layers.map(({ layer, units, interpretable, null99 }) => {
    const named = units.filter((unit) => unit.interpretable);
    const concepts = new Set(named.map(({ concept }) => concept)).size;
    return `${layer}: ${interpretable} of ${units.length} units interpretable, ${concepts} concepts (null ${null99.toFixed(3)})`;
  });
  const how = cached ? 'kept from before' : `in ${(dissection.ms / 1000).toFixed(1)} s`;
  const where = files.length > 0 ? `: ${files.join(', ')}` : '';
  return `${lines.join('\n')}\n${whole(dissection.settings.samples)} samples, ${how}${where}\n`;
}

function whole(value: number): string {
  return value.toLocaleString('en-US');
}

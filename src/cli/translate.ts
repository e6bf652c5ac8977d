/** `genscope translate MODEL`: pictures through an image-to-image model, and with a second one back, as a grid or arrays. */

import { workProgress } from '../engine/kernel/progress.ts';
import { Models } from '../engine/models/models.ts';
import { hashModel, openModelFile } from '../engine/open/modelFile.ts';
import { findImages } from '../engine/pictures/imageFolder.ts';
import { noPictures } from '../engine/translate/translate.ts';
import { columnsOf, type TranslatedPicture, translatePictures } from '../engine/translate/translating.ts';
import { TranslationTally } from '../engine/translate/translationTally.ts';
import { takesMasks } from '../engine/translator/loadTranslator.ts';
import { withoutMasks } from '../engine/translator/masks.ts';
import type { Translator } from '../engine/translator/translator.ts';
import { GenscopeError } from '../shared/kernel/errors.ts';
import { badOption, parse, positiveNumber, wholeNumber } from './options.ts';
import { printJson, progressBar, say } from './terminal.ts';
import { TranslationWriters } from './translationWriters.ts';

const OPTIONS = {
  input: { type: 'string', multiple: true },
  back: { type: 'string' },
  blur: { type: 'string' },
  first: { type: 'string' },
  count: { type: 'string' },
  out: { type: 'string' },
  npy: { type: 'string' },
  threads: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** What was asked for, checked. */
interface Wish {
  readonly model: string;
  readonly back: string | null;
  readonly inputs: readonly string[];
  readonly blur: number;
  readonly first: number;
  readonly count: number;
  readonly json: boolean;
  readonly writers: TranslationWriters;
}

export async function translateCommand(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const { values, positionals } = parse(argv, OPTIONS);
  // A shell makes many of `--input pictures/*.png`: all but the first of them stand among the positionals.
  const [model, ...more] = positionals;
  if (model === undefined)
    throw badOption('genscope translate needs a model: genscope translate MODEL --input DIR.');
  const inputs = [...(values.input ?? []), ...more];
  if (inputs.length === 0) throw badOption('genscope translate needs --input DIR or --input FILE….');
  if (values.blur !== undefined && values.back === undefined)
    throw badOption('--blur needs --back: it blurs what goes back.');
  if (values.out === undefined && values.npy === undefined && values.json !== true)
    throw badOption('genscope translate needs --out grid.png, --npy translations.npy or --json.');
  const wish: Wish = {
    model,
    inputs,
    back: values.back ?? null,
    blur: values.blur === undefined ? 0 : positiveNumber(values.blur, 'blur'),
    first: wholeNumber(values.first, 'first', 0, 0, 1e9),
    count: wholeNumber(values.count, 'count', 1e9, 1, 1e9),
    json: values.json === true,
    writers: new TranslationWriters(values),
  };
  const models = new Models({ threads: wholeNumber(values.threads, 'threads', 0, 0, 256) });
  try {
    await run(wish, models, signal);
  } finally {
    await models.releaseAll();
  }
}

async function run(wish: Wish, models: Models, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const all = await findImages(wish.inputs, signal);
  const { leftOut, warnings: listing } = all;
  const files = takesMasks(openModelFile({ path: wish.model })) ? withoutMasks(all.files) : all.files;
  if (files.length === 0) throw noPictures(wish.inputs);
  if (wish.first >= files.length)
    throw badOption(`--first takes a number from 0 to ${files.length - 1}: so many pictures were found.`);
  const forth = await models.translator({ path: wish.model });
  const back = wish.back === null ? null : await models.translator({ path: wish.back });
  const tally = new TranslationTally(forth, back);
  const rows = await translateAll(files, wish, { forth, back, tally, signal });
  if (rows.length === 0) throw noneRead(tally.skipped);
  await wish.writers.finish();
  const warnings = [...listing, ...tally.warnings()];
  const skipped = [...leftOut, ...tally.skipped];
  for (const { file, reason } of skipped) say(`genscope: skipped ${file}: ${reason}\n`);
  for (const warning of warnings) say(`genscope: ${warning}\n`);
  const ms = performance.now() - started;
  if (!wish.json) {
    say(`${summary(rows.length, ms, tally)}: ${Object.values(wish.writers.files).join(', ')}\n`);
    return;
  }
  const { cycle } = tally;
  printJson({
    ...(await identity(forth, signal)),
    back: back === null ? null : await identity(back, signal),
    columns: columnsOf(back !== null, wish.blur),
    found: files.length,
    count: rows.length,
    skipped,
    cycle: cycle && { ...cycle, blur: wish.blur },
    rows: rows.map(({ file, cycleError }) => ({ file, cycleError })),
    files: wish.writers.files,
    ms,
    warnings,
  });
}

async function translateAll(
  files: readonly string[],
  { first, count, blur, writers }: Wish,
  run: {
    readonly forth: Translator;
    readonly back: Translator | null;
    readonly tally: TranslationTally;
    readonly signal: AbortSignal;
  },
): Promise<readonly Pick<TranslatedPicture, 'file' | 'cycleError'>[]> {
  const { tally, ...rest } = run;
  const total = Math.min(count, files.length - first);
  const bar = progressBar('translating');
  const progress = workProgress(total, bar.update);
  const rows: Pick<TranslatedPicture, 'file' | 'cycleError'>[] = [];
  let done = 0;
  try {
    for await (const step of translatePictures(files, { ...rest, blur, first, count })) {
      if ('skipped' in step) tally.skip(step);
      else {
        tally.add(step);
        writers.add(step, total);
        rows.push({ file: step.file, cycleError: step.cycleError });
      }
      progress(++done);
    }
  } finally {
    bar.end();
  }
  return rows;
}

function noneRead(skipped: TranslationTally['skipped']): GenscopeError {
  const [first] = skipped;
  const says = `None of the ${skipped.length} files could be read as a picture; ${first?.file}: ${first?.reason}`;
  return new GenscopeError('input.invalid', says, 'Choose other pictures.');
}

async function identity(
  { file }: Translator,
  signal: AbortSignal,
): Promise<{ file: string; sha256: string }> {
  return { file: file.path, sha256: await hashModel(file, signal) };
}

function summary(rows: number, ms: number, { cycle }: TranslationTally): string {
  const error = cycle
    ? ` · cycle error ${cycle.mean.toFixed(4)} [${cycle.interval.map((end) => end.toFixed(4)).join(', ')}]`
    : '';
  return `${rows} ${rows === 1 ? 'picture' : 'pictures'} in ${(ms / 1000).toFixed(2)} s${error}`;
}

/** `genscope edit MODEL`: an edit from a JSON file, baked into a plain ONNX file, shown in samples, or exported. */
import path from 'node:path';
import { bakeToFile } from '../engine/edits/bakeFile.ts';
import { sampleEdited } from '../engine/edits/editedSampling.ts';
import { editable } from '../engine/edits/open.ts';
import { fileError } from '../engine/files/fileSource.ts';
import { Models } from '../engine/models/models.ts';
import { layersIn } from '../engine/open/layers.ts';
import { hashModel, openModelFile } from '../engine/open/modelFile.ts';
import { verdictOf } from '../engine/translator/loadTranslator.ts';
import { parseEditFile } from '../shared/edits/editFile.ts';
import type { EditFile } from '../shared/edits/edits.ts';
import { MOST_JSON_BYTES, readSmallText } from '../shared/files/readSmall.ts';
import { planCount } from '../shared/samples/latents.ts';
import { checkExports, EXPORT_OPTIONS, writeExports } from './editExports.ts';
import { badOption, modelArgument, parse, wholeNumber } from './options.ts';
import { noiseMode, SAMPLE_OPTIONS, samplePlan } from './samplePlan.ts';
import { SampleWriters } from './sampleWriters.ts';
import { printJson, say } from './terminal.ts';
import { writeSamples } from './writeSamples.ts';

const OPTIONS = {
  ...SAMPLE_OPTIONS,
  ...EXPORT_OPTIONS,
  edit: { type: 'string' },
  sample: { type: 'string' },
} as const;

type Values = ReturnType<typeof parse<typeof OPTIONS>>['values'];

export async function editCommand(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const { values, positionals } = parse(argv, OPTIONS);
  const model = modelArgument(positionals, 'edit');
  requireOutputs(values);
  const edit = readEdit(values.edit ?? '');
  const models = new Models({ threads: wholeNumber(values.threads, 'threads', 0, 0, 256) });
  try {
    const isTranslator = verdictOf(openModelFile({ path: model })).kind === 'imageToImage';
    if (isTranslator) requireBakeOnly(values, model);
    const opened = isTranslator
      ? await models.translator({ path: model })
      : (await editable(models, { path: model })).generator;
    const found = await layersIn(opened);
    const { file } = opened;
    const layers = found.forEdits(edit.edits);
    const baked =
      values.out === undefined ? null : await bakeToFile(file, edit.edits, layers, values.out, signal);
    const shown = values.sample === undefined ? null : await sample(models, model, edit, values, signal);
    const exported = await writeExports(edit.edits, model, values, { models, signal });
    const warnings = [...opened.warnings, ...(shown?.warnings ?? [])];
    const written = [...(baked?.files ?? []), ...Object.values(shown?.files ?? {}), ...exported];
    say(`${edit.name}: ${written.join(', ')}\n`);
    for (const warning of warnings) say(`genscope: ${warning}\n`);
    if (!values.json) return;
    const sha256 = await hashModel(file, signal);
    printJson({
      ...{ file: path.resolve(model), sha256, edit, files: written },
      ...{ folded: baked?.folded ?? [], inserted: baked?.inserted ?? [], warnings },
    });
  } finally {
    await models.releaseAll();
  }
}

/** An edited image-to-image model is looked at as any other: the baked file translates. */
function requireBakeOnly({ out, sample, pairs, sweep, code }: Values, model: string): void {
  if ([sample, pairs, sweep, code].every((value) => value === undefined)) return;
  const name = out ?? 'edited.onnx';
  throw badOption(
    `${path.basename(model)} makes pictures of pictures: write it with --out ${name}, then genscope translate ${name} --input DIR --out grid.png.`,
  );
}

function requireOutputs(values: Values): void {
  const { edit, out, sample, pairs, sweep, code } = values;
  if (edit === undefined) throw badOption('genscope edit needs --edit edit.json.');
  if ([out, sample, pairs, sweep, code].every((value) => value === undefined))
    throw badOption(
      'genscope edit needs --out edited.onnx, --sample grid.png, --pairs DIR, --sweep sweep.gif or --code edit.py.',
    );
  if (values.interpolate !== undefined) throw badOption('genscope edit takes no --interpolate.');
  checkExports(values);
}

async function sample(
  models: Models,
  model: string,
  { edits }: EditFile,
  values: Values,
  signal: AbortSignal,
): Promise<{ files: Readonly<Record<string, string>>; warnings: readonly string[] }> {
  const source = await editable(models, { path: model });
  const plan = samplePlan(source.generator, values, []);
  const total = planCount(plan);
  const columns =
    values.columns === undefined ? undefined : wholeNumber(values.columns, 'columns', 1, 1, 10_000);
  const writers = new SampleWriters(source.generator, total, { ...values, out: values.sample }, columns);
  const batches = sampleEdited(source, plan, edits, { signal, noise: noiseMode(values) });
  const warnings = await writeSamples(batches, writers, total);
  return { files: writers.files, warnings };
}

function readEdit(file: string): EditFile {
  const text = readSmallText(file, { most: MOST_JSON_BYTES, what: 'The edit' });
  if (text === null) throw fileError(file, Object.assign(new Error(file), { code: 'ENOENT' }));
  return parseEditFile(text);
}

/** `genscope sample MODEL`: one pass over the samples, into a grid, an animation, arrays, or all of them. */
import fs from 'node:fs';
import path from 'node:path';
import type { Generator } from '../engine/generator/generator.ts';
import { Models } from '../engine/models/models.ts';
import { hashModel, openModelFile } from '../engine/open/modelFile.ts';
import { samplePictures } from '../engine/samples/sampling.ts';
import { verdictOf } from '../engine/translator/loadTranslator.ts';
import { asGenscopeError, GenscopeError } from '../shared/kernel/errors.ts';
import { planCount } from '../shared/samples/latents.ts';
import { badOption, modelArgument, parse, wholeNumber } from './options.ts';
import { noiseMode, SAMPLE_OPTIONS, type SampleValues, samplePlan } from './samplePlan.ts';
import { SampleWriters } from './sampleWriters.ts';
import { printJson, say } from './terminal.ts';
import { writeSamples } from './writeSamples.ts';

export async function sampleCommand(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const { values, positionals } = parse(argv, SAMPLE_OPTIONS);
  // `--interpolate A B …`: the first seed is the option's value, the others stand among the positionals.
  const [model, ...more] = values.interpolate === undefined ? positionals : splitSeeds(positionals);
  const file = modelArgument(model === undefined ? [] : [model], 'sample');
  if (values.interpolate === undefined && more.length > 0) modelArgument([file, ...more], 'sample');
  const out = values.out;
  if (out === undefined && values.npy === undefined && values.latents === undefined)
    throw badOption('genscope sample needs --out grid.png.');
  const models = new Models({ threads: wholeNumber(values.threads, 'threads', 0, 0, 256) });
  const generator = await models.generator({ path: file }).catch((thrown: unknown) => {
    throw towardsTranslate(asGenscopeError(thrown), file);
  });
  await run(generator, file, values, more, signal);
  await models.releaseAll();
}

/** What makes pictures of pictures has a command of its own. */
function towardsTranslate(error: GenscopeError, file: string): GenscopeError {
  if (error.code !== 'model.notGenerator') return error;
  if (verdictOf(openModelFile({ path: file })).kind !== 'imageToImage') return error;
  const advice = `Use genscope translate ${file} --input DIR --out grid.png.`;
  return new GenscopeError(error.code, error.message, advice);
}

async function run(
  generator: Generator,
  file: string,
  values: SampleValues,
  moreSeeds: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const started = performance.now();
  const plan = samplePlan(generator, values, moreSeeds);
  const total = planCount(plan);
  const columns =
    values.columns === undefined ? undefined : wholeNumber(values.columns, 'columns', 1, 1, 10_000);
  const writers = new SampleWriters(generator, total, values, columns);
  const batches = samplePictures(generator, plan, { signal, noise: noiseMode(values) });
  const drawn = await writeSamples(batches, writers, total);
  const warnings = [...generator.warnings, ...unsureWarnings(generator), ...drawn];
  for (const warning of warnings) say(`genscope: ${warning}\n`);
  const ms = performance.now() - started;
  if (values.json) {
    printJson({
      file: path.resolve(file),
      sha256: await hashModel(generator.file, signal),
      count: total,
      plan,
      image: generator.image,
      files: writers.files,
      ms,
      runMs: generator.runMs,
      warnings,
    });
  } else {
    say(`${total} samples in ${(ms / 1000).toFixed(2)} s: ${Object.values(writers.files).join(', ')}\n`);
  }
}

function unsureWarnings(generator: Generator): string[] {
  return [...Object.entries(generator.guesses.inputs), ...Object.entries(generator.guesses.outputs)]
    .filter(([, guess]) => guess.certainty === 'ask')
    .map(
      ([name, guess]) =>
        `“${name}” is taken as ${guess.role.role}, which is a guess (${guess.reason}); put the answer into the sidecar to be sure.`,
    );
}

/** Everything that looks like a seed belongs to `--interpolate`; what is left is the model. */
function splitSeeds(positionals: readonly string[]): string[] {
  const seeds = positionals.filter((word) => /^\d+$/.test(word) && !fs.existsSync(word));
  const others = positionals.filter((word) => !seeds.includes(word));
  const [model, extra] = others;
  if (model === undefined)
    throw new GenscopeError(
      'input.invalid',
      'genscope sample needs a model: genscope sample MODEL.',
      'See genscope --help.',
    );
  if (extra !== undefined) throw badOption(`--interpolate takes seeds, not “${extra}”.`);
  return [model, ...seeds];
}

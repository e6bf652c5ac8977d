/** The options of `genscope sample` as a latent plan. */
import type { Generator } from '../engine/generator/generator.ts';
import { noMapping } from '../engine/generator/truncation.ts';
import type { NoiseMode } from '../shared/protocol.ts';
import {
  classOf,
  type LatentKey,
  type LatentPlan,
  type LatentSource,
  type RngLayout,
  type Truncation,
} from '../shared/samples/latents.ts';
import { badOption, oneOf, positiveNumber, wholeNumber } from './options.ts';

export const SAMPLE_OPTIONS = {
  count: { type: 'string' },
  seed: { type: 'string' },
  rng: { type: 'string' },
  'rng-layout': { type: 'string' },
  distribution: { type: 'string' },
  class: { type: 'string' },
  truncation: { type: 'string' },
  'truncation-mode': { type: 'string' },
  interpolate: { type: 'string' },
  steps: { type: 'string' },
  method: { type: 'string' },
  loop: { type: 'boolean' },
  noise: { type: 'string' },
  columns: { type: 'string' },
  out: { type: 'string' },
  npy: { type: 'string' },
  latents: { type: 'string' },
  threads: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export type SampleValues = {
  readonly [K in keyof typeof SAMPLE_OPTIONS]?: (typeof SAMPLE_OPTIONS)[K]['type'] extends 'boolean'
    ? boolean | undefined
    : string | undefined;
};

const MAX_SEED = 2 ** 32 - 1;

export function samplePlan(
  generator: Generator,
  values: SampleValues,
  moreSeeds: readonly string[],
): LatentPlan {
  const source = latentSource(generator, values);
  const chosen = values.class === undefined ? 'all' : classIndex(values.class, generator);
  if (values.interpolate !== undefined) {
    const seeds = [values.interpolate, ...moreSeeds].map((seed) =>
      wholeNumber(seed, 'interpolate', 0, 0, MAX_SEED),
    );
    if (seeds.length < 2) throw badOption('--interpolate takes at least two seeds: --interpolate 3 8.');
    const keys: LatentKey[] = seeds.map((seed) => ({
      seed,
      classIndex: classOf(seed, chosen, generator.classes),
    }));
    return {
      kind: 'path',
      source,
      keys,
      steps: wholeNumber(values.steps, 'steps', 16, 2, 100_000),
      method: oneOf(values.method, 'method', ['slerp', 'lerp'], 'slerp'),
      loop: values.loop === true,
    };
  }
  const count = wholeNumber(values.count, 'count', 16, 1, 10_000_000);
  const seed = wholeNumber(values.seed, 'seed', 0, 0, MAX_SEED);
  return { kind: 'seeds', source, seed, count, classes: chosen };
}

/** @param layout the one without `--rng-layout` */
export function latentSource(
  generator: Generator,
  values: SampleValues,
  layout: RngLayout = 'each',
): LatentSource {
  return {
    rng: oneOf(values.rng, 'rng', ['numpy', 'torch'], 'numpy'),
    layout: oneOf(values['rng-layout'], 'rng-layout', ['each', 'stream'], layout),
    distribution: oneOf(values.distribution, 'distribution', ['normal', 'uniform', 'uniform01'], 'normal'),
    truncation: truncation(generator, values),
  };
}

function truncation(generator: Generator, values: SampleValues): Truncation {
  if (values.truncation === undefined) return { mode: 'none' };
  const value = positiveNumber(values.truncation, 'truncation');
  const own = Object.values(generator.inputRoles).some(({ role }) => role === 'truncation');
  const mode = oneOf(
    values['truncation-mode'],
    'truncation-mode',
    ['input', 'psi', 'resample', 'truncnorm'],
    own ? 'input' : generator.mapping ? 'psi' : 'resample',
  );
  if (mode === 'input' && !own)
    throw badOption('--truncation-mode input: this model has no truncation input.');
  if (mode === 'psi' && !generator.mapping) throw noMapping(generator.fileName);
  if (mode === 'input') return { mode, value };
  if (mode === 'psi') return { mode, psi: value };
  if (mode === 'truncnorm') return { mode, scale: value };
  if (value === 0) throw badOption('--truncation takes a number above 0.');
  return { mode, threshold: value };
}

export function classIndex(name: string, generator: Generator): number {
  if (generator.classes === 0) throw badOption('--class: this generator has no classes.');
  const names = generator.classNames;
  const byName = names.findIndex((candidate) => candidate.toLowerCase() === name.toLowerCase());
  if (byName >= 0) return byName;
  const index = Number(name);
  if (name.trim() === '' || !Number.isInteger(index) || index < 0 || index >= generator.classes) {
    const known = names.length > 0 ? ` or one of ${names.join(', ')}` : '';
    throw badOption(`--class takes a number from 0 to ${generator.classes - 1}${known}, not “${name}”.`);
  }
  return index;
}

export function noiseMode(values: SampleValues): NoiseMode {
  return oneOf(values.noise, 'noise', ['random', 'constant', 'zero'], 'random');
}

/** The options that features, statistics and scores have in common. */
import fs from 'node:fs';
import path from 'node:path';
import { inceptionFolder } from '../engine/inception/place.ts';
import { Models } from '../engine/models/models.ts';
import { publishedExtractor } from '../engine/models/published.ts';
import { GenscopeError } from '../shared/kernel/errors.ts';
import type { LatentSource } from '../shared/samples/latents.ts';
import { PUBLISHED_EXTRACTORS, type PublishedExtractor } from '../shared/scores/extractors.ts';
import {
  type ExtractorRef,
  type FeatureInput,
  type Quantisation,
  SCORE_DEFAULTS,
  type ScoreProgress,
} from '../shared/scores/scores.ts';
import { badOption, oneOf, wholeNumber } from './options.ts';
import { classIndex, latentSource } from './samplePlan.ts';
import { progressBar, say } from './terminal.ts';

export const SCORING_OPTIONS = {
  extractor: { type: 'string' },
  layer: { type: 'string' },
  resize: { type: 'string' },
  range: { type: 'string' },
  'batch-size': { type: 'string' },
  samples: { type: 'string' },
  seed: { type: 'string' },
  rng: { type: 'string' },
  'rng-layout': { type: 'string' },
  distribution: { type: 'string' },
  class: { type: 'string' },
  truncation: { type: 'string' },
  'truncation-mode': { type: 'string' },
  quantise: { type: 'string' },
  threads: { type: 'string' },
  cache: { type: 'string' },
  'no-cache': { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

export type ScoringValues = {
  readonly [K in keyof typeof SCORING_OPTIONS]?: (typeof SCORING_OPTIONS)[K]['type'] extends 'boolean'
    ? boolean | undefined
    : string | undefined;
};

const MAX_SEED = 2 ** 32 - 1;

export function seedOf(value: string | undefined, option: string, fallback: number): number {
  return wholeNumber(value, option, fallback, 0, MAX_SEED);
}

/**
 * The one that is named, else FID Inception where it is set up.
 * @param cache where `genscope setup inception` has put it; null: nowhere
 */
export function extractorOf(values: ScoringValues, cache: string | null): ExtractorRef | null {
  const { extractor, layer } = values;
  const resize = values.resize && oneOf(values.resize, 'resize', ['tf1', 'torch', 'clean', 'own'], 'clean');
  const range = values.range === undefined ? null : rangeOf(values.range);
  const more = {
    ...(layer !== undefined && { layer }),
    ...(resize && { resize }),
    ...(range !== null && { range }),
  };
  if (extractor === undefined) {
    const folder = cache === null ? null : inceptionFolder(cache);
    return folder !== null && fs.existsSync(folder) ? { path: folder, ...more } : null;
  }
  const published = PUBLISHED_EXTRACTORS.find(({ id }) => id === extractor);
  if (published !== undefined && !fs.existsSync(extractor))
    return { ...publishedOf(published, cache), ...more };
  const file = extractor === 'inception' ? inceptionOf(cache) : extractor;
  return { path: file, ...more };
}

/** `0,1`: what black and white are to the network. */
function rangeOf(text: string): readonly [number, number] {
  const ends = text.split(',').map((end) => Number(end.replace('−', '-').trim() || Number.NaN));
  const [low = Number.NaN, high = Number.NaN] = ends;
  if (ends.length === 2 && Number.isFinite(low) && Number.isFinite(high) && low < high) return [low, high];
  throw badOption(`--range takes black and white, such as 0,1 or -1,1 or 0,255, not “${text}”.`);
}

function publishedOf({ id, name }: PublishedExtractor, cache: string | null): ExtractorRef {
  const found = cache === null ? null : publishedExtractor(cache, id);
  if (found !== null) return found;
  throw new GenscopeError(
    'extractor.missing',
    `${name} is not set up on this machine.`,
    `Set it up once with \`genscope setup ${id} --download\`, or from a folder that is here already.`,
  );
}

function inceptionOf(cache: string | null): string {
  const folder = cache === null ? null : inceptionFolder(cache);
  if (folder !== null && fs.existsSync(folder)) return folder;
  throw new GenscopeError(
    'extractor.missing',
    'FID Inception is not set up on this machine.',
    'Set it up once with `genscope setup inception --download`, or from a file that is here already.',
  );
}

export interface SamplingWish {
  readonly samples: number;
  readonly seed: number;
  readonly source: LatentSource;
  readonly classes: 'all' | number;
  readonly quantisation: Quantisation;
}

/** How a generator is sampled. @throws GenscopeError as opening it does */
export async function samplingOf(
  values: ScoringValues,
  model: string,
  models: Models,
): Promise<SamplingWish> {
  const generator = await models.generator({ path: model });
  return {
    samples: samplesOf(values),
    seed: seedOf(values.seed, 'seed', SCORE_DEFAULTS.seed),
    source: latentSource(generator, values, 'stream'),
    classes: values.class === undefined ? 'all' : classIndex(values.class, generator),
    quantisation: oneOf(values.quantise, 'quantise', ['round', 'floor'], 'round'),
  };
}

export function samplesOf(values: ScoringValues): number {
  return wholeNumber(values.samples, 'samples', SCORE_DEFAULTS.samples, 2, 10_000_000);
}

/** MODEL, DIR or ZIP. Of pictures, --samples means at most as many. */
export async function featureInput(
  values: ScoringValues,
  given: string,
  models: Models,
): Promise<FeatureInput> {
  if (isModel(given)) {
    return { kind: 'model', model: { path: given }, ...(await samplingOf(values, given, models)) };
  }
  const most = values.samples === undefined ? 0 : samplesOf(values);
  return { kind: 'path', path: given, most, seed: seedOf(values.seed, 'seed', SCORE_DEFAULTS.seed) };
}

/** By its ending: everything else a score can be made from is a folder, an archive or arrays. */
export function isModel(given: string): boolean {
  return path.extname(given).toLowerCase() === '.onnx';
}

const PHASES = { reference: 'reference', samples: 'samples', scores: 'scores' } as const;

/** A bar for each phase, with images a second. */
export function scoreBars(): { update(progress: ScoreProgress): void; end(): void } {
  let bar: ReturnType<typeof progressBar> | null = null;
  let shown = '';
  let first = true;
  return {
    update({ phase, done, total, eta, rate, message }) {
      if (phase !== shown) {
        bar?.end();
        shown = phase;
        first = true;
        bar = progressBar(PHASES[phase]);
      }
      if (first && done > 0 && phase !== 'scores')
        say(`${phase}: ${done.toLocaleString('en')} of ${total.toLocaleString('en')} kept from before\n`);
      first = false;
      const note = message ?? (rate === undefined ? undefined : `${rate.toFixed(rate < 10 ? 1 : 0)} img/s`);
      bar?.update({
        ...{ done: Math.floor(done), total },
        ...(eta !== undefined && { eta }),
        ...(note !== undefined && { message: note }),
      });
    },
    end() {
      bar?.end();
    },
  };
}

/** @throws GenscopeError where a score or features need an extractor and none is named */
export function requireExtractor(ref: ExtractorRef | null, command: string): ExtractorRef {
  if (ref !== null) return ref;
  throw badOption(
    `genscope ${command} needs --extractor X: an .onnx file or a folder; without it FID Inception, once that is set up (genscope setup inception).`,
  );
}

/** Sessions for a command that makes features. */
export function scoringModels(values: ScoringValues): Models {
  return new Models({
    threads: wholeNumber(values.threads, 'threads', 0, 0, 256),
    batchSize: wholeNumber(values['batch-size'], 'batch-size', 0, 1, 4096),
  });
}

/** Which real images samples resemble, by features and by pixels; the most suspicious samples first. */
import { CentredRows, centreOf } from '../../algorithms/linalg/distances.ts';
import { nearestAcross } from '../../algorithms/linalg/nearest.ts';
import { authPct, distanceRatios } from '../../algorithms/scores/authPct.ts';
import { ct } from '../../algorithms/scores/ct.ts';
import type { Matrix, ScoreInputs } from '../../algorithms/scores/types.ts';
import type { NeighbourRow, Neighbours, NeighboursParams, RealNeighbour } from '../../shared/checks/looks.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { ScoreProgress } from '../../shared/scores/scores.ts';
import type { Extractor } from '../extractor/extractor.ts';
import type { PictureSource } from '../features/pictureSource.ts';
import type { TaskContext } from '../models/context.ts';
import type { PictureStack } from '../runtime/imageCodec.ts';
import { RuntimeAlgebra } from '../runtime/matmul.ts';
import { comparedSize, nearestByPixels, pixelsOf, shiftedByOne } from './pixelSearch.ts';
import { openPicturesOf, openReal, openSamples, picturesAt } from './sides.ts';

const MOST_SHOWN = 64;
/** Below, neither share nor C_T say anything. */
const LEAST_JUDGED = 40;
/** C_T is a z: an honest generator falls below in 0.13 % of draws. */
const ALARM = -3;

/** What is found, and the pictures of it: of each row the sample, its neighbours by features, then those by pixels. */
export interface NeighboursFound {
  readonly found: Neighbours;
  readonly pictures: readonly (readonly PictureStack[])[];
}

/**
 * @throws GenscopeError `input.invalid` for arrays as the reference, places that there are none of, fewer images than k;
 *   as opening generator, extractor and reference fails
 */
export async function neighbours(
  { model, settings, cache }: NeighboursParams,
  context: TaskContext<ScoreProgress>,
): Promise<NeighboursFound> {
  const { models, signal } = context;
  const { reference, referenceSamples, seed, samples, source, classes, quantisation } = settings;
  const extractor = await models.extractor(settings.extractor);
  const { description } = extractor;
  const real = { kind: 'path', path: reference, most: referenceSamples, seed } as const;
  const made = { kind: 'model', model, samples, seed, source, classes, quantisation } as const;
  const theirs = await openReal(settings, extractor, cache, context);
  const ours = await openSamples({ model, samples, settings, cache }, extractor, context);
  const [images, generated] = [theirs.features, ours.features];
  if (images.rows <= settings.k) throw tooFew(images.rows, settings.k);
  const algebra = new RuntimeAlgebra(models.threads);
  const opened = [await openPicturesOf(real, context), await openPicturesOf(made, context)] as const;
  try {
    const inputs: ScoreInputs = {
      ...{ generated: ours.side, reference: theirs.side, seed, options: {}, algebra, signal },
      ...{ shared: new Map(), sharedReference: new Map(), report: () => undefined },
    };
    const ratios = await distanceRatios(inputs);
    const places = placesOf(settings.shown, ratios);
    const search = new Search({
      extractor,
      algebra,
      images,
      source: opened[0],
      k: settings.k,
      context,
    });
    const { rows, pictures, compared } = await search.run(places, generated, ratios, opened[1]);
    return {
      found: {
        ...{ schema: 1, model: { file: ours.description.name, sha256: ours.description.sha256 } },
        ...{ extractor: description, reference: theirs.description, settings, compared, rows },
        copied: generated.rows >= LEAST_JUDGED && images.rows >= LEAST_JUDGED ? await judge(inputs) : null,
        warnings: [...new Set([...extractor.warnings, ...theirs.warnings, ...ours.warnings])],
      },
      pictures,
    };
  } finally {
    for (const pictures of opened) pictures.close();
    await algebra.release();
  }
}

async function judge(inputs: ScoreInputs): Promise<Neighbours['copied']> {
  const [[authentic], [copying]] = [await authPct.compute(inputs), await ct.compute(inputs)];
  if (authentic === undefined || copying === undefined) return null;
  const { value, interval } = copying;
  // No cell had images of both halves: nothing to rank the samples among.
  if (!Number.isFinite(value)) return null;
  const ends = authentic.interval;
  return {
    share: 1 - authentic.value / 100,
    interval: ends && [Math.max(0, 1 - ends[1] / 100), Math.min(1, 1 - ends[0] / 100)],
    ct: value,
    ctInterval: interval,
    alarm: value < ALARM,
  };
}

function placesOf(shown: number | readonly number[], ratios: Float64Array): number[] {
  if (typeof shown === 'number') {
    const order = [...ratios.keys()].sort((a, b) => (ratios[a] as number) - (ratios[b] as number) || a - b);
    return order.slice(0, Math.min(shown, MOST_SHOWN));
  }
  const wrong = shown.find((place) => place >= ratios.length);
  if (wrong !== undefined || shown.length > MOST_SHOWN)
    throw new GenscopeError(
      'input.invalid',
      wrong === undefined
        ? `${shown.length} samples are too many to show.`
        : `There is no sample ${wrong}: they count from 0 to ${ratios.length - 1}.`,
      `Name up to ${MOST_SHOWN} places, or ask for more samples.`,
    );
  return [...shown];
}

interface SearchParts {
  readonly extractor: Extractor;
  readonly algebra: RuntimeAlgebra;
  readonly images: Matrix;
  readonly source: PictureSource;
  readonly k: number;
  readonly context: TaskContext<ScoreProgress>;
}

class Search {
  readonly #parts: SearchParts;
  readonly #centre: Float32Array;

  constructor(parts: SearchParts) {
    this.#parts = parts;
    this.#centre = centreOf(parts.images);
  }

  async run(places: readonly number[], generated: Matrix, ratios: Float64Array, samples: PictureSource) {
    const { source, k, context, extractor } = this.#parts;
    const chosen = rowsOf(generated, places);
    const byFeatures = await this.#nearest(chosen, k);
    const own = await picturesAt(samples, places);
    const nearestReal = await picturesAt(
      source,
      byFeatures.map(([first]) => (first as RealNeighbour).index),
    );
    const shifted = nearestReal.map(shiftedByOne);
    const features = await Promise.all(
      shifted.map(async (stack) => (await extractor.extract(stack)).features),
    );
    const again = await this.#nearest(joined(features, generated.columns), 1);
    const compared = comparedSize(own[0] ?? { width: 1, height: 1 });
    const queries = [...own, ...shifted].flatMap((stack) => pixelsOf(stack, compared));
    const report = (done: number) =>
      context.report({ phase: 'scores', done, total: source.count, message: 'comparing pixels' });
    const found = await nearestByPixels(source, queries, {
      size: compared,
      k,
      signal: context.signal,
      report,
    });
    const named = found.map((list) => list.map(({ row, distance }) => this.#named(row, distance)));
    const rows = places.map((place, i): NeighbourRow => {
      const [nearest] = byFeatures[i] as RealNeighbour[];
      return {
        // JSON, in which answers are kept, has no infinity: of twins in the reference nothing is nearer.
        ...{ place, ratio: Math.min(ratios[place] as number, Number.MAX_VALUE) },
        ...{ features: byFeatures[i] as RealNeighbour[], pixels: named[i] as RealNeighbour[] },
        shifted: {
          file: (nearest as RealNeighbour).file,
          byFeatures: (again[i] as RealNeighbour[])[0] as RealNeighbour,
          byPixels: (named[places.length + i] as RealNeighbour[])[0] as RealNeighbour,
        },
      };
    });
    const pictures: PictureStack[][] = [];
    for (const [i, { features: near, pixels }] of rows.entries())
      pictures.push([
        own[i] as PictureStack,
        ...(await picturesAt(
          source,
          [...near, ...pixels].map(({ index }) => index),
        )),
      ]);
    return { rows, pictures, compared };
  }

  async #nearest(rows: Matrix, k: number): Promise<RealNeighbour[][]> {
    const { images, algebra } = this.#parts;
    const [a, b] = [new CentredRows(rows, this.#centre), new CentredRows(images, this.#centre)];
    const found = await nearestAcross(a, b, k, algebra, async () => {});
    return Array.from({ length: rows.rows }, (_, i) =>
      Array.from({ length: found.k }, (_unused, rank) => {
        const at = i * found.k + rank;
        return this.#named(found.indices[at] as number, Math.sqrt(found.squared[at] as number));
      }),
    );
  }

  #named(index: number, distance: number): RealNeighbour {
    return { index, file: this.#parts.source.nameOf(index), distance };
  }
}

function rowsOf({ columns, values }: Matrix, rows: readonly number[]): Matrix {
  return joined(
    rows.map((row) => values.subarray(row * columns, (row + 1) * columns)),
    columns,
  );
}

function joined(parts: readonly Float32Array[], columns: number): Matrix {
  const values = new Float32Array(parts.length * columns);
  for (const [i, part] of parts.entries()) values.set(part, i * columns);
  return { rows: parts.length, columns, values };
}

function tooFew(rows: number, k: number): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    `The reference has ${rows} image(s), too few for ${k} neighbours of each sample.`,
    'Ask for fewer with --k, or give more images.',
  );
}

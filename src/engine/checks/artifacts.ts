/**
 * Units that spoil pictures: a layer's units ranked by how far from real images the samples lie that drive them hardest, and
 * whether the distance falls when the worst are switched off. The idea is GAN Dissection's (Bau et al. 2019, section 4.3:
 * artifact units, found by eye there); here distance to real features judges, with a null and a correction for many units.
 */

import { NumpyRandom } from '../../algorithms/latent/numpyRandom.ts';
import { CentredRows, centreOf } from '../../algorithms/linalg/distances.ts';
import { nearestAcross } from '../../algorithms/linalg/nearest.ts';
import { holm } from '../../algorithms/stats/holm.ts';
import { normalTail } from '../../algorithms/stats/normalTail.ts';
import type { Artifacts, ArtifactsParams, ArtifactUnit } from '../../shared/checks/looks.ts';
import type { Edit } from '../../shared/edits/edits.ts';
import type { LayerDescription } from '../../shared/generator/model.ts';
import type { ScoreProgress } from '../../shared/scores/scores.ts';
import { activity } from '../dissect/units.ts';
import type { TaskContext } from '../models/context.ts';
import { layersIn } from '../open/layers.ts';
import { RuntimeAlgebra } from '../runtime/matmul.ts';
import { score } from '../scores/score.ts';
import { openReal, openSamples } from './sides.ts';

/** Real images that a sample's distance is the mean to. */
const NEIGHBOURS = 3;

/** @throws GenscopeError `input.invalid` for a layer that is not there; as opening generator, extractor, reference fails */
export async function artifacts(
  params: ArtifactsParams,
  context: TaskContext<ScoreProgress>,
): Promise<Artifacts> {
  const { model, settings, cache } = params;
  const { models, signal, report } = context;
  const generator = await models.generator(model);
  const layer = (await layersIn(generator)).named(settings.layer);
  const extractor = await models.extractor(settings.extractor);
  const theirs = await openReal(settings, extractor, cache, context);
  const ours = await openSamples({ model, samples: settings.samples, settings, cache }, extractor, context);
  const raw = await distancesOf(ours.features, theirs.features, models.threads, context);
  const distances = withoutClasses(raw, ours.side.labels);
  const { seed, source, classes, samples, top } = settings;
  const plan = { kind: 'seeds', source, seed, count: samples, classes } as const;
  const active = await activity(
    { model, tensor: layer.tensor, plan, k: Math.min(top, samples) },
    {
      ...{ models, signal },
      report: ({ done, total }) => report({ phase: 'scores', done, total, message: 'watching the units' }),
    },
  );
  const usual = distances.reduce((a, b) => a + b, 0) / distances.length;
  const units = ranked(distances, usual, active);
  const worst = units.slice(0, settings.worst).map(({ unit }) => unit);
  return {
    ...{ schema: 1, model: { file: ours.description.name, sha256: ours.description.sha256 } },
    ...{ extractor: extractor.description, reference: theirs.description, settings },
    ...{ layer: layer.name, units, usual },
    ablated: worst.length === 0 ? null : await ablation(params, layer, worst, context),
    warnings: [...new Set([...extractor.warnings, ...theirs.warnings, ...ours.warnings])],
  };
}

/** Of each sample the mean distance to its nearest real images. */
async function distancesOf(
  ours: Parameters<typeof centreOf>[0],
  theirs: Parameters<typeof centreOf>[0],
  threads: number,
  { report }: TaskContext<ScoreProgress>,
): Promise<Float64Array> {
  const algebra = new RuntimeAlgebra(threads);
  try {
    const centre = centreOf(theirs);
    const [a, b] = [new CentredRows(ours, centre), new CentredRows(theirs, centre)];
    const { k, squared } = await nearestAcross(a, b, NEIGHBOURS, algebra, async (share) =>
      report({ phase: 'scores', done: share, total: 1, message: 'comparing with real images' }),
    );
    return Float64Array.from({ length: ours.rows }, (_, i) => {
      let sum = 0;
      for (let rank = 0; rank < k; rank++) sum += Math.sqrt(squared[i * k + rank] as number);
      return sum / k;
    });
  } finally {
    await algebra.release();
  }
}

/**
 * Some classes vary more than others, and lie farther from their neighbours: a unit of such a class spoils nothing. So each
 * sample is held against its own class, where the generator is asked for one.
 */
function withoutClasses(distances: Float64Array, labels: Int32Array | null): Float64Array {
  if (labels === null) return distances;
  const sums = new Map<number, { sum: number; count: number }>();
  for (const [i, label] of labels.entries()) {
    const own = sums.get(label) ?? { sum: 0, count: 0 };
    sums.set(label, { sum: own.sum + (distances[i] as number), count: own.count + 1 });
  }
  const usual = distances.reduce((a, b) => a + b, 0) / distances.length;
  return distances.map((distance, i) => {
    const { sum, count } = sums.get(labels[i] as number) ?? { sum: usual, count: 1 };
    return distance - sum / count + usual;
  });
}

function ranked(
  distances: Float64Array,
  usual: number,
  { top, topValues, k, mean }: Awaited<ReturnType<typeof activity>>,
): ArtifactUnit[] {
  const n = distances.length;
  const variance = distances.reduce((sum, value) => sum + (value - usual) ** 2, 0) / Math.max(1, n - 1);
  const found = Array.from(mean, (_, unit) => {
    // A unit that is never active has no top samples, only a first one.
    const places = Array.from(top.subarray(unit * k, (unit + 1) * k)).filter(
      (place, rank) => place >= 0 && (topValues[unit * k + rank] as number) > 0,
    );
    const m = places.length;
    const distance =
      m === 0 ? usual : places.reduce((sum, place) => sum + (distances[place] as number), 0) / m;
    // Of m drawn without replacement.
    const error = Math.sqrt((variance / Math.max(1, m)) * ((n - m) / Math.max(1, n - 1)));
    const z = m === 0 || error === 0 ? 0 : (distance - usual) / error;
    return { unit, distance, z, p: m === 0 ? 1 : normalTail(z), places };
  });
  const corrected = holm(found.map(({ p }) => p));
  return found
    .map((one, unit) => ({ ...one, p: corrected[unit] as number }))
    .sort((a, b) => b.z - a.z || a.unit - b.unit);
}

/** FID of the same latents with and without the units, and with random sets of as many. */
async function ablation(
  { model, settings, cache }: ArtifactsParams,
  layer: LayerDescription,
  worst: readonly number[],
  context: TaskContext<ScoreProgress>,
): Promise<Artifacts['ablated']> {
  const { extractor, reference, referenceSamples, samples, seed, source, classes, quantisation } = settings;
  const asked = {
    ...{ extractor, reference: { kind: 'path', path: reference } as const, scores: ['fid'], samples, seed },
    ...{ source, classes, quantisation, referenceSamples, options: {} },
  };
  const changeOf = async (units: readonly number[]) => {
    const edits = [switchedOff(layer, units)];
    const run = await score({ model, settings: asked, edits, compare: true, cache }, context);
    return { before: run.edited?.before[0], difference: run.edited?.difference[0] };
  };
  const own = await changeOf(worst);
  const random: { units: readonly number[]; change: number }[] = [];
  for (let draw = 0; draw < settings.random; draw++) {
    const units = [...new NumpyRandom(seed + 1 + draw).permutation(layer.units)]
      .filter((unit) => !worst.includes(unit))
      .slice(0, worst.length);
    random.push({ units, change: (await changeOf(units)).difference?.value ?? Number.NaN });
  }
  const change = own.difference?.value ?? Number.NaN;
  const interval = own.difference?.interval ?? null;
  return {
    ...{ units: worst, before: own.before?.value ?? Number.NaN, change, interval, random },
    alarm: interval !== null && interval[1] < 0 && random.every((other) => other.change > change),
  };
}

function switchedOff({ name, tensor }: LayerDescription, units: readonly number[]): Edit {
  return {
    ...{
      id: 'artifacts',
      name: 'artifact units',
      layer: name,
      tensor,
      strength: 1,
      region: null,
      samples: null,
    },
    ...{ muted: false, intent: { kind: 'ablate', to: 'zero' } },
    units: units.map((unit) => ({ unit, scale: 0, shift: 0 })),
  };
}

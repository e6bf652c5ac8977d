/** `effect`: what a set of units does to a concept, and to all others, against sets drawn at random. */
import type { ConditionalMeans } from '../../algorithms/effects/conditionalMean.ts';
import { ofOneKind, rankUnits } from '../../shared/conceptUnion.ts';
import { DISSECT_DEFAULTS } from '../../shared/dissection.ts';
import type { Effect, EffectParams, EffectProgress, EffectSettings } from '../../shared/effects.ts';
import { GenscopeError } from '../../shared/errors.ts';
import type { LatentPlan } from '../../shared/latents.ts';
import type { LayerDescription } from '../../shared/model.ts';
import { mapSize } from '../dissect/maps.ts';
import { AreaRunner } from '../effects/areaRunner.ts';
import { byEffect, type Chooser, greedily, mostTrials } from '../effects/chooseUnits.ts';
import { conditionCount, measure } from '../effects/measure.ts';
import { type PhaseProgress, phaseProgress } from '../effects/progress.ts';
import { discoverLayers } from '../layers.ts';
import { hashModel, openModelFile } from '../modelFile.ts';
import { tensorShapes } from '../shapes.ts';
import type { TaskContext } from './context.ts';
import { dissect } from './dissect.ts';

export async function effect(params: EffectParams, context: TaskContext<EffectProgress>): Promise<Effect> {
  const started = performance.now();
  const { settings } = params;
  const file = openModelFile(params.model);
  const generator = await context.models.generator(params.model);
  const segmenter = await context.models.segmenter(params.segmenter);
  const names = segmenter.description.concepts;
  const chosen = settings.concept.map((name) => conceptIndex(names, name));
  if (!ofOneKind(segmenter.description.categories, chosen)) throw severalKinds(settings.concept);
  const source = { ...generator.oneSample(), folder: file.folder };
  const shapes = await tensorShapes(source);
  const layer = layerOf(await discoverLayers({ ...source, graph: file.graph }, shapes), settings.layer);
  const progress = phaseProgress(context.report);
  const runner = await AreaRunner.open({
    ...{ generator, shapes, layer, labeller: segmenter, signal: context.signal },
    ...{ concepts: names.length, maps: mapSize(generator.image, settings.resolution) },
    onPictures: progress.add,
  });
  try {
    const training = planOf(settings, settings.trainingSeed, settings.trainingSamples);
    progress.begin('values', settings.trainingSamples);
    const means = await runner.means(training, settings.trainingSamples, chosen);
    const off = valuesOff(settings, means);
    const common = { runner, chosen, off };
    const chooser: Chooser = {
      ...{ ...common, plan: training, samples: settings.trainingSamples },
      ...{ units: layer.units, concepts: names.length },
    };
    const units = await chosenUnits(chooser, params, context, progress);
    const { random, curve, seed, samples } = settings;
    progress.begin('measuring', samples * conditionCount({ units, random, curve }));
    const measured = await measure({
      ...{ ...common, units, names, random, curve, seed, samples, width: layer.units },
      ...{ plan: planOf(settings, seed, samples), on: means.inside() },
    });
    const warnings = [...generator.warnings, ...segmenter.warnings];
    if (means.weight === 0) warnings.push(NEVER_SEEN);
    return {
      ...{ schema: 1, settings, layer: layer.name, units, ...measured, warnings },
      model: { file: file.name, sha256: await hashModel(file, context.signal) },
      segmenter: { name: segmenter.description.name, sha256: segmenter.description.sha256 },
      ms: performance.now() - started,
    };
  } finally {
    await runner.release();
  }
}

const NEVER_SEEN =
  'The concept does not occur in the training samples, so units are inserted with their mean everywhere.';

async function chosenUnits(
  chooser: Chooser,
  params: EffectParams,
  context: TaskContext<EffectProgress>,
  progress: PhaseProgress,
): Promise<readonly number[]> {
  const { choice } = params.settings;
  if (choice.kind === 'given') return checkedUnits(choice.units, chooser.units);
  const count = Math.min(choice.count, chooser.units);
  if (choice.rank === 'iou') return (await byAgreement(chooser, params, context, progress)).slice(0, count);
  progress.begin('choosing', mostTrials(chooser, choice.rank === 'greedy' ? count : 0));
  if (choice.rank === 'greedy') return greedily(chooser, count);
  return (await byEffect(chooser)).units.slice(0, count);
}

/** The order of IoU (with the union, where several concepts count together) on the training samples. */
async function byAgreement(
  { chosen }: Chooser,
  params: EffectParams,
  context: TaskContext<EffectProgress>,
  progress: PhaseProgress,
): Promise<number[]> {
  const { settings, model, segmenter, cache } = params;
  const total = DISSECT_DEFAULTS.samples;
  progress.begin('dissecting', 2 * total);
  const { dissection } = await dissect(
    {
      ...{ model, segmenter, cache },
      settings: {
        ...DISSECT_DEFAULTS,
        ...{ layers: [settings.layer], source: settings.source, resolution: settings.resolution },
        // Not the samples that effects are measured on.
        ...{ seed: settings.trainingSeed, levelSeed: settings.trainingSeed + 1 },
      },
    },
    {
      ...context,
      report: ({ phase, done }) =>
        context.report({
          ...{ phase: 'dissecting', total: 2 * total },
          done: phase === 'agreement' ? total + done : done,
        }),
    },
  );
  const [layer] = dissection.layers;
  return layer ? rankUnits(layer, chosen, dissection.conceptShare) : [];
}

function planOf({ source }: EffectSettings, seed: number, count: number): LatentPlan {
  return { kind: 'seeds', source, seed, count, classes: 'all' };
}

function valuesOff({ ablate }: EffectSettings, means: ConditionalMeans): Float64Array {
  if (ablate === 'mean') return means.everywhere();
  return ablate === 'minimum' ? means.lowest() : new Float64Array(means.units);
}

function conceptIndex(names: readonly string[], name: string): number {
  const found = names.findIndex((known) => known.toLowerCase() === name.toLowerCase());
  if (found >= 0) return found;
  throw new GenscopeError(
    'input.invalid',
    `The segmenter knows no concept “${name}”.`,
    `It knows ${names.join(', ')}.`,
  );
}

function severalKinds(concept: readonly string[]): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    `${concept.join(' + ')} cannot be joined: they are concepts of different kinds, which overlap in the pictures.`,
    'Join concepts of one kind, such as objects with objects.',
  );
}

function layerOf(layers: readonly LayerDescription[], name: string): LayerDescription {
  const found = layers.find((layer) => layer.name === name || layer.tensor === name);
  if (found) return found;
  throw new GenscopeError(
    'input.invalid',
    `There is no layer “${name}”.`,
    `The layers are ${layers.map((layer) => layer.name).join(', ')}.`,
  );
}

function checkedUnits(units: readonly number[], width: number): readonly number[] {
  const wrong = units.find((unit) => !Number.isInteger(unit) || unit < 0 || unit >= width);
  if (wrong === undefined && units.length > 0) return [...new Set(units)];
  throw new GenscopeError(
    'input.invalid',
    wrong === undefined ? 'No unit was chosen.' : `There is no unit ${wrong}.`,
    `Units go from 0 to ${width - 1}.`,
  );
}

/** What every question about effects begins with: a generator cut at a layer, and somebody who sees concepts. */
import type { ConditionalMeans } from '../../algorithms/effects/conditionalMean.ts';
import type { Effect, EffectProgress, EffectSettings } from '../../shared/effects/effects.ts';
import type { LayerDescription } from '../../shared/generator/model.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { ModelRef } from '../../shared/protocol.ts';
import type { LatentPlan, LatentSource } from '../../shared/samples/latents.ts';
import { ofOneKind } from '../../shared/units/conceptUnion.ts';
import { mapSize } from '../dissect/maps.ts';
import type { Generator } from '../generator/generator.ts';
import type { TaskContext } from '../models/context.ts';
import { layersIn } from '../open/layers.ts';
import { hashModel } from '../open/modelFile.ts';
import type { Segmenter } from '../segmenter/segmenter.ts';
import { AreaRunner } from './areaRunner.ts';
import { type PhaseProgress, phaseProgress } from './progress.ts';

export interface StudyParams {
  readonly model: ModelRef;
  /** The segmenter's folder. */
  readonly segmenter: string;
  readonly settings: Pick<
    EffectSettings,
    'layer' | 'concept' | 'source' | 'trainingSeed' | 'trainingSamples' | 'resolution'
  >;
}

export class Study {
  private constructor(
    readonly params: StudyParams,
    readonly generator: Generator,
    readonly segmenter: Segmenter,
    readonly layer: LayerDescription,
    /** Indices of the concepts that are meant. */
    readonly chosen: readonly number[],
    readonly runner: AreaRunner,
    readonly progress: PhaseProgress,
    readonly context: TaskContext<EffectProgress>,
  ) {}

  /** @throws GenscopeError `input.invalid` for a layer or a concept that is not there; as opening does */
  static async open(params: StudyParams, context: TaskContext<EffectProgress>): Promise<Study> {
    const { settings } = params;
    const generator = await context.models.generator(params.model);
    const segmenter = await context.models.segmenter(params.segmenter);
    const names = segmenter.description.concepts;
    const chosen = settings.concept.map((name) => conceptIndex(names, name));
    if (!ofOneKind(segmenter.description.categories, chosen)) throw severalKinds(settings.concept);
    const found = await layersIn(generator);
    const { shapes } = found;
    const layer = found.named(settings.layer);
    const progress = phaseProgress(context.report);
    const runner = await AreaRunner.open({
      ...{ generator, shapes, layer, labeller: segmenter, signal: context.signal },
      ...{ concepts: names.length, maps: mapSize(generator.image, settings.resolution) },
      onPictures: progress.add,
    });
    return new Study(params, generator, segmenter, layer, chosen, runner, progress, context);
  }

  /** Names of all concepts. */
  get names(): readonly string[] {
    return this.segmenter.description.concepts;
  }

  /** As people call it: `wall+roof`. */
  get concept(): string {
    return this.chosen.map((c) => this.names[c]).join('+');
  }

  plan(seed: number, count: number): LatentPlan {
    return seedsOf(this.params.settings.source, seed, count);
  }

  /** What the units do on the training samples: the values that edits set them to. */
  means(): Promise<ConditionalMeans> {
    const { trainingSeed, trainingSamples } = this.params.settings;
    this.progress.begin('values', trainingSamples);
    return this.runner.means(this.plan(trainingSeed, trainingSamples), trainingSamples, this.chosen);
  }

  warnings(means: ConditionalMeans): string[] {
    return [
      ...this.generator.warnings,
      ...this.segmenter.warnings,
      ...(means.weight === 0 ? [NEVER_SEEN] : []),
    ];
  }

  /** What an answer was computed from. */
  async about(): Promise<Pick<Effect, 'model' | 'segmenter'>> {
    const { name, sha256 } = this.segmenter.description;
    return {
      model: {
        file: this.generator.fileName,
        sha256: await hashModel(this.generator.file, this.context.signal),
      },
      segmenter: { name, sha256 },
    };
  }

  release(): Promise<void> {
    return this.runner.release();
  }
}

const NEVER_SEEN =
  'The concept does not occur in the training samples, so units are inserted with their mean everywhere.';

export function valuesOff({ ablate }: Pick<EffectSettings, 'ablate'>, means: ConditionalMeans): Float64Array {
  if (ablate === 'mean') return means.everywhere();
  return ablate === 'minimum' ? means.lowest() : new Float64Array(means.units);
}

/** The units as they were asked for, each once. @throws GenscopeError `input.invalid` for one that is not there, or none */
export function checkedUnits(units: readonly number[], width: number): readonly number[] {
  const wrong = units.find((unit) => !Number.isInteger(unit) || unit < 0 || unit >= width);
  if (wrong === undefined && units.length > 0) return [...new Set(units)];
  throw new GenscopeError(
    'input.invalid',
    wrong === undefined ? 'No unit was chosen.' : `There is no unit ${wrong}.`,
    `Units go from 0 to ${width - 1}.`,
  );
}

function seedsOf(source: LatentSource, seed: number, count: number): LatentPlan {
  return { kind: 'seeds', source, seed, count, classes: 'all' };
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

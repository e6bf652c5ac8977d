/**
 * Dissection (ALGORITHMS.md, section 2): levels from one sample, agreement on another. Three passes: `levels` runs only
 * the first part of the generator; `choosing` (in `iqr` mode) and `agreement` run all of it, and the segmenter. What is
 * kept does not grow with the number of samples.
 */
import { nullShifts, ShiftedLabels } from '../../algorithms/dissection/nullBaseline.ts';
import type { DissectProgress, DissectSettings } from '../../shared/dissection.ts';
import type { LatentPlan } from '../../shared/latents.ts';
import type { LayerDescription } from '../../shared/model.ts';
import type { Generator } from '../generator.ts';
import { nextTurn, throwIfCancelled } from '../queue.ts';
import { ImageReader, type Labeller, type ReadImage } from './imageReader.ts';
import { LayerWork } from './layerWork.ts';
import { mapSize } from './maps.ts';
import { loadState, saveState } from './savedState.ts';

export interface DissectorOptions {
  readonly generator: Generator;
  readonly labeller: Labeller;
  readonly concepts: number;
  readonly layers: readonly LayerDescription[];
  readonly settings: DissectSettings;
  /** Where the state is kept, and under which key; null: nowhere. */
  readonly store: { readonly folder: string; readonly key: string } | null;
  /** Images per run. Fixed, so that a run repeated is the same to the last bit. */
  readonly batch: number;
  readonly signal: AbortSignal;
  /** Told after each batch how many images of which pass are done. */
  readonly report: (phase: DissectProgress['phase'], done: number) => void;
}

/** Blocks of images that intervals are drawn from. */
const BLOCKS = 50;
/** Sketches of more units than these would not fit into ordinary memory: their layers take turns. */
const UNITS_AT_ONCE = 1536;
const SAVE_EVERY_MS = 5000;

export class Dissector {
  readonly works: readonly LayerWork[];
  /** The maps compared: height, width. */
  readonly maps: readonly [number, number];
  /** Milliseconds inside the generator's sessions. */
  runMs = 0;
  /** Images of the agreement pass that are in the counts. */
  #done: number;
  #savedAt = performance.now();
  readonly #options: DissectorOptions;
  readonly #shifts: readonly number[];
  readonly #blocks: number;

  constructor(options: DissectorOptions) {
    const { generator, settings, layers, concepts, store } = options;
    this.#options = options;
    this.maps = mapSize(generator.image, settings.resolution);
    this.#shifts = nullShifts(settings.classes === 'all' ? generator.classes : 0, settings.samples);
    this.#blocks = Math.min(BLOCKS, settings.samples);
    const size = { concepts, blocks: this.#blocks, shifts: this.#shifts, maps: this.maps };
    const saved = store && loadState(store.folder, store.key);
    this.works = layers.map((layer, i) => new LayerWork(layer, size, saved?.layers[i]));
    this.#done = saved?.done ?? 0;
    saved?.chosen.forEach((chosen, i) => {
      if (chosen) this.works[i]?.setChosen(chosen);
    });
  }

  /** Images whose agreement is counted. */
  get done(): number {
    return this.#done;
  }

  /** @throws GenscopeError `request.cancelled` between batches; what was counted by then is kept in the store */
  async run(): Promise<void> {
    const { level } = this.#options.settings;
    if (this.works.some(({ levels }) => levels === null)) {
      await this.#findLevels();
      if (level.mode === 'iqr') await this.#choose();
      this.#save();
    }
    await this.#measure();
  }

  async #findLevels(): Promise<void> {
    const { level } = this.#options.settings;
    const tail = level.mode === 'quantile' ? level.quantile : null;
    for (const group of groupsOf(this.works)) {
      await this.#readLevels(group, tail);
      const skipped = group.filter((work) => !work.settleLevels(level));
      if (skipped.length === 0) continue;
      await this.#readLevels(skipped, null);
      for (const work of skipped) work.settleLevels(level);
    }
  }

  async #readLevels(works: readonly LayerWork[], tail: number | null): Promise<void> {
    for (const work of works) work.beginLevels(tail);
    await this.#pass('levels', works, 0, ({ index, layers }) => {
      works.forEach((work, i) => {
        work.addLevels({ index, ...at(layers, i) });
      });
    });
  }

  async #choose(): Promise<void> {
    await this.#pass('choosing', this.works, 0, ({ index, layers, labels }) => {
      this.works.forEach((work, i) => {
        if (labels) work.addChoice({ index, ...at(layers, i) }, labels);
      });
    });
    for (const work of this.works) work.settleChoice();
  }

  async #measure(): Promise<void> {
    const { samples } = this.#options.settings;
    if (this.#done >= samples) return;
    const shifted = await this.#labelsBefore(this.#done);
    await this.#pass('agreement', this.works, this.#done, ({ index, layers, labels }) => {
      if (labels === null) return;
      const block = Math.floor((index * this.#blocks) / samples);
      this.works.forEach((work, i) => {
        work.addAgreement({ index, ...at(layers, i) }, block, labels, shifted);
      });
      shifted.push(labels);
    });
  }

  /** The label maps of the images before `index`; before the first come the last: the sample is a cycle. */
  async #labelsBefore(index: number): Promise<ShiftedLabels> {
    const { samples } = this.#options.settings;
    const shifted = new ShiftedLabels(this.#shifts, index);
    const first = index - shifted.length;
    const reader = await this.#reader('agreement', []);
    try {
      // Before and after the seam, where there is one.
      if (first < 0) await this.#prime(shifted, reader, first + samples, samples);
      await this.#prime(shifted, reader, Math.max(0, first), index);
    } finally {
      await this.#close(reader);
    }
    return shifted;
  }

  async #prime(shifted: ShiftedLabels, reader: ImageReader, from: number, to: number): Promise<void> {
    const { batch, signal } = this.#options;
    for (let at = from; at < to; at += batch) {
      throwIfCancelled(signal);
      for await (const { labels } of reader.read(at, Math.min(batch, to - at)))
        if (labels) shifted.push(labels);
      await nextTurn();
    }
  }

  /** Every image of a pass from `first` on, batch by batch; cancelled, saved and reported between batches only. */
  async #pass(
    phase: DissectProgress['phase'],
    works: readonly LayerWork[],
    first: number,
    take: (image: ReadImage) => void,
  ): Promise<void> {
    const { batch, signal, report, settings } = this.#options;
    const reader = await this.#reader(
      phase,
      works.map(({ layer }) => layer.tensor),
    );
    try {
      for (let at = first; at < settings.samples; at += batch) {
        if (signal.aborted && phase === 'agreement') this.#save();
        throwIfCancelled(signal);
        const count = Math.min(batch, settings.samples - at);
        for await (const image of reader.read(at, count)) take(image);
        if (phase === 'agreement') {
          this.#done = at + count;
          if (performance.now() - this.#savedAt > SAVE_EVERY_MS) this.#save();
        }
        report(phase, at + count);
        await nextTurn();
      }
    } finally {
      await this.#close(reader);
    }
  }

  #reader(phase: DissectProgress['phase'], tensors: readonly string[]): Promise<ImageReader> {
    const { generator, labeller, settings } = this.#options;
    const { seed, levelSeed, samples, source, classes } = settings;
    const plan: LatentPlan = {
      kind: 'seeds',
      source,
      seed: phase === 'agreement' ? seed : levelSeed,
      count: samples,
      classes,
    };
    const segmentation = phase === 'levels' ? null : { labeller, size: this.maps };
    return ImageReader.open({ generator, plan, tensors, segmentation });
  }

  async #close(reader: ImageReader): Promise<void> {
    this.runMs += reader.runMs;
    await reader.release();
  }

  #save(): void {
    const { store } = this.#options;
    if (store) saveState(store.folder, store.key, this.#done, this.works);
    this.#savedAt = performance.now();
  }
}

function at<T>(list: readonly T[], i: number): T {
  const found = list[i];
  if (found === undefined) throw new RangeError(`There is no ${i} among ${list.length}.`);
  return found;
}

function groupsOf(works: readonly LayerWork[]): LayerWork[][] {
  const groups: LayerWork[][] = [];
  let units = Infinity;
  for (const work of works) {
    if (units + work.units > UNITS_AT_ONCE) {
      groups.push([]);
      units = 0;
    }
    groups.at(-1)?.push(work);
    units += work.units;
  }
  return groups;
}

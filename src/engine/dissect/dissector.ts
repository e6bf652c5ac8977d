/**
 * Dissection (ALGORITHMS.md, section 2): levels from one sample, agreement on another. Three passes: `levels` runs only
 * the first part of the generator; `choosing` (in `iqr` mode) and `agreement` run all of it, and the segmenter. What is
 * kept does not grow with the number of samples.
 */
import { nullShifts, ShiftedLabels } from '../../algorithms/dissection/nullBaseline.ts';
import type { LayerDescription } from '../../shared/generator/model.ts';
import { cancelled, GenscopeError } from '../../shared/kernel/errors.ts';
import type { LatentPlan } from '../../shared/samples/latents.ts';
import { DEFINITIONS, type DissectSettings } from '../../shared/units/dissection.ts';
import { nextTurn } from '../kernel/queue.ts';
import type { ImageReading, Labeller, ReadImage } from './imageReader.ts';
import { Keeper } from './keeper.ts';
import { LayerWork } from './layerWork.ts';
import { mapSize } from './maps.ts';
import { loadState, type Phase, restoreLevels, saveState } from './savedState.ts';
import type { DissectSubject } from './subject.ts';

export interface DissectorOptions {
  readonly subject: DissectSubject;
  readonly labeller: Labeller;
  readonly concepts: number;
  readonly layers: readonly LayerDescription[];
  readonly settings: DissectSettings;
  /** Where the state is kept, and under which key; null: nowhere. */
  readonly store: { readonly folder: string; readonly key: string } | null;
  /** Images per run. Fixed, so that a run repeated is the same to the last bit. */
  readonly batch: number;
  readonly signal: AbortSignal;
  /** Told at the beginning of a pass, and after each batch, how many of its images are done. */
  readonly report: (phase: Phase, done: number) => void;
}

/** Blocks of images that intervals are drawn from. */
const BLOCKS = 50;
/** Sketches of more units than these would not fit into ordinary memory: their layers take turns. */
const UNITS_AT_ONCE = 1536;

export class Dissector {
  readonly works: readonly LayerWork[];
  /** The maps compared: height, width. */
  readonly maps: readonly [number, number];
  /** Milliseconds inside the generator's sessions. */
  runMs = 0;
  /** About what was kept from before. */
  readonly warnings: string[] = [];
  /** The pass at work, and how many of its images are in the counts. */
  #phase: Phase = 'levels';
  #done = 0;
  readonly #options: DissectorOptions;
  readonly #shifts: readonly number[];
  readonly #blocks: number;
  readonly #keeper: Keeper;

  constructor(options: DissectorOptions) {
    const { subject, settings, layers, concepts, store } = options;
    this.#options = options;
    this.maps = mapSize(subject.image, settings.resolution);
    this.#shifts = nullShifts(settings.classes === 'all' ? subject.classes : 0, settings.samples);
    this.#blocks = Math.min(BLOCKS, settings.samples);
    this.#keeper = new Keeper(store && (() => saveState(store, this.#phase, this.#done, this.works)));
    const saved =
      store &&
      loadState(store, (setAside) => {
        this.warnings.push(
          `What an earlier run had kept of this dissection was damaged, and it was begun anew (the damaged file is ${setAside}).`,
        );
      });
    const rules = settings.definition && DEFINITIONS[settings.definition];
    const size = {
      ...{ concepts, blocks: this.#blocks, shifts: this.#shifts, maps: this.maps },
      ...(rules && { rules }),
    };
    this.works = layers.map((layer, i) => new LayerWork(layer, size, saved?.layers[i]?.counts));
    if (saved === null) return;
    restoreLevels(this.works, saved, settings.level);
    this.#phase = saved.phase;
    this.#done = saved.done;
  }

  /** Images whose agreement is counted. */
  get done(): number {
    return this.#phase === 'agreement' ? this.#done : 0;
  }

  /**
   * @throws GenscopeError `request.cancelled` between batches; what was counted by then is kept in the store, or it is
   * said why not
   */
  async run(): Promise<void> {
    if (this.#phase === 'levels') {
      await this.#findLevels();
      this.#begin(this.#options.settings.level.mode === 'iqr' ? 'choosing' : 'agreement');
    }
    if (this.#phase === 'choosing') {
      await this.#choose();
      this.#begin('agreement');
    }
    await this.#measure();
  }

  /** What a whole pass was for is kept at once, so that no pass is made twice. */
  #begin(phase: Phase): void {
    this.#phase = phase;
    this.#done = 0;
    this.#keeper.keep();
  }

  async #findLevels(): Promise<void> {
    for (const group of groupsOf(this.works)) {
      const waiting = () => group.filter(({ level }) => !level.sketched);
      await this.#sketch(waiting().filter(({ level }) => !level.skipless));
      // Those with a level among the values that had been skipped.
      await this.#sketch(waiting());
    }
  }

  async #sketch(works: readonly LayerWork[]): Promise<void> {
    const [first] = works;
    if (first === undefined) return;
    const { level: mode } = this.#options.settings;
    for (const { level } of works) level.begin(mode);
    this.#done = first.level.images;
    const reader = await this.#reader(works);
    await this.#pass(reader, ({ index, layers }) => {
      works.forEach(({ level }, i) => {
        level.add({ index, ...at(layers, i) });
      });
    });
    for (const { level } of works) level.settle(mode);
    this.#done = 0;
  }

  async #choose(): Promise<void> {
    const reader = await this.#reader(this.works);
    await this.#pass(reader, ({ index, layers, labels }) => {
      this.works.forEach(({ level }, i) => {
        if (labels) level.addChoice({ index, ...at(layers, i) }, labels);
      });
    });
    for (const { level } of this.works) level.settleChoice();
  }

  async #measure(): Promise<void> {
    const { samples } = this.#options.settings;
    const reader = await this.#reader(this.works);
    const shifted = new ShiftedLabels(this.#shifts, this.#done);
    await this.#pass(
      reader,
      ({ index, layers, labels }) => {
        if (labels === null) return;
        const block = Math.floor((index * this.#blocks) / samples);
        this.works.forEach((work, i) => {
          work.addAgreement({ index, ...at(layers, i) }, block, labels, shifted);
        });
        shifted.push(labels);
      },
      () => this.#prime(shifted, reader),
    );
  }

  /** The label maps of the images before the next one; before the first come the last: the sample is a cycle. */
  async #prime(shifted: ShiftedLabels, reader: ImageReading): Promise<void> {
    const { samples } = this.#options.settings;
    const first = this.#done - shifted.length;
    // Before and after the seam, where there is one.
    if (first < 0) await this.#pushLabels(shifted, reader, first + samples, samples);
    await this.#pushLabels(shifted, reader, Math.max(0, first), this.#done);
  }

  /** In the batches of the pass itself: in others a network's last bits may be others. */
  async #pushLabels(shifted: ShiftedLabels, reader: ImageReading, from: number, to: number): Promise<void> {
    const { batch, settings } = this.#options;
    for (let start = from - (from % batch); start < to; start += batch) {
      this.#stopIfCancelled();
      for await (const { index, labels } of reader.read(start, Math.min(batch, settings.samples - start))) {
        if (labels === null) continue;
        if (index >= from && index < to) shifted.push(labels);
        // Those beyond the seam have their own turn at the end of the pass.
        if (index >= this.#done) reader.known.set(index, labels);
      }
      await nextTurn();
    }
  }

  /** Every image of the present pass that is left, batch by batch; cancelled, kept and reported between batches only. */
  async #pass(
    reader: ImageReading,
    take: (image: ReadImage) => void,
    prepare?: () => Promise<void>,
  ): Promise<void> {
    const { batch, report, settings } = this.#options;
    report(this.#phase, this.#done);
    try {
      await prepare?.();
      while (this.#done < settings.samples) {
        // Between batches, so that no image is in the counts half or twice.
        this.#stopIfCancelled();
        const count = Math.min(batch, settings.samples - this.#done);
        for await (const image of reader.read(this.#done, count)) take(image);
        this.#done += count;
        this.#keeper.offer();
        report(this.#phase, this.#done);
        await nextTurn();
      }
    } finally {
      this.runMs += reader.runMs;
      await reader.release();
    }
  }

  #stopIfCancelled(): void {
    const { signal } = this.#options;
    if (!signal.aborted) return;
    this.#keeper.keep();
    const { failure } = this.#keeper;
    if (failure === null) throw cancelled();
    const { message, advice } = failure;
    throw new GenscopeError(failure.code, `What was found so far could not be kept. ${message}`, advice, {
      next: ['retry'],
    });
  }

  #reader(works: readonly LayerWork[]): Promise<ImageReading> {
    const { subject, labeller, settings } = this.#options;
    const { seed, levelSeed, samples, source, classes } = settings;
    const isLevels = this.#phase !== 'agreement';
    const plan: LatentPlan = {
      kind: 'seeds',
      source,
      seed: isLevels ? levelSeed : seed,
      count: samples,
      classes,
    };
    const layers = works.map(({ layer }) => layer);
    const segmentation = this.#phase === 'levels' ? null : { labeller, size: this.maps };
    return subject.open({ plan, isLevels }, layers, segmentation);
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

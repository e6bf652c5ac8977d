/** The Units tab's state and what follows from it: the layer, its units, and what is drawn of them. */
import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { LayerDescription, ModelDescription } from '../../src/shared/generator/model.ts';
import { agreementWith, ofOneKind } from '../../src/shared/units/conceptUnion.ts';
import type {
  DissectedLayer,
  Dissection,
  DissectSettings,
  UnitActivity,
} from '../../src/shared/units/dissection.ts';
import { type ChosenConcept, conceptWords, picked } from '../model/conceptChoice.ts';
import { gridPlan, samplePlan } from '../model/samplesModel.ts';
import {
  ACTIVITY_SAMPLES,
  activeRows,
  DEFAULT_UNITS,
  dissectedRows,
  firstLayer,
  shownRows,
  TOP_SAMPLES,
  type UnitRow,
  type Units,
} from '../model/unitsModel.ts';
import type { Verdict } from '../model/verdict.ts';
import { t } from '../strings.ts';
import { Courier, unreadable, type Wish } from './courier.ts';
import { type DissectingHost, DissectingStore } from './dissecting.ts';
import { EffectsStore } from './effects.ts';
import { Ranking, type RankPlace, type RankSubject } from './ranking.ts';
import { type OverlayWish, SampleOverlays } from './sampleOverlays.ts';
import type { SamplesStore } from './samples.ts';
import { type SeedsPlan, ThumbStore } from './thumbs.ts';

/** What of the page this store needs. */
export interface UnitsHost extends DissectingHost {
  readonly model: ReadonlySignal<ModelDescription | null>;
  readonly samples: SamplesStore;
}

export class UnitsStore {
  readonly state: Signal<Units> = signal(DEFAULT_UNITS);
  /** Whether the tab is on show: nothing is asked for behind another one. */
  readonly active = signal(false);
  /** Counts the times that a person wanted everything tried again. */
  readonly attempt = signal(0);
  readonly dissecting: DissectingStore;
  readonly effects: EffectsStore;
  readonly overlays: SampleOverlays;
  readonly thumbs: ThumbStore;
  /** The place that units are ranked by, when a person chose one. */
  readonly ranking: Ranking;
  /** Carries the units' activity, before anybody names them. */
  readonly courier: Courier;
  readonly layer: ReadonlySignal<LayerDescription | null>;
  /** What is known of the layer: of a dissection that runs, else of the last one. */
  readonly dissected: ReadonlySignal<DissectedLayer | null>;
  /** The settings of what is on show; null before a dissection of this layer. */
  readonly settings: ReadonlySignal<DissectSettings | null>;
  readonly verdict: ReadonlySignal<Verdict>;
  readonly rows: ReadonlySignal<readonly UnitRow[]>;
  readonly shown: ReadonlySignal<readonly UnitRow[]>;
  readonly focused: ReadonlySignal<UnitRow | null>;
  /** Names of the segmenter's concepts, by index. */
  readonly concepts: ReadonlySignal<readonly string[]>;
  /** One word for each (object, part …); empty where they are of one kind. */
  readonly categories: ReadonlySignal<readonly string[]>;
  /** Share of all pixels that show each, as far as it is known. */
  readonly conceptShare: ReadonlySignal<readonly number[]>;
  /** The concept that units are ranked by, for `rankUnits`: indices of one, of several for their union, or none. */
  readonly concept: ReadonlySignal<readonly number[]>;
  /** Its name: "wall + roof"; empty without one. */
  readonly conceptName: ReadonlySignal<string>;
  /** The samples that `top` of the rows counts in. */
  readonly topPlan: ReadonlySignal<SeedsPlan>;
  readonly #host: UnitsHost;
  readonly #activities: Signal<ReadonlyMap<string, UnitActivity>> = signal(new Map());
  readonly #target = { done: '' };

  /** @param onChanged told when the engine finds another file than the one described. */
  constructor(host: UnitsHost, onChanged: () => void) {
    this.#host = host;
    this.dissecting = new DissectingStore(host);
    this.layer = computed(() => this.#layer());
    this.ranking = new Ranking({
      ...{ bridge: host.bridge, onChanged },
      tried: (work) => host.tried(work),
      subject: (place) => this.#subject(place),
    });
    this.dissected = computed(() => this.#dissected());
    this.settings = computed(() => this.#settings());
    this.verdict = computed(() => this.#verdict());
    this.concepts = computed(() => this.#segmenter()?.concepts ?? []);
    this.categories = computed(() => this.#segmenter()?.categories ?? []);
    this.conceptShare = computed(() => this.#conceptShare());
    this.concept = computed(() => this.#concept());
    this.conceptName = computed(() => conceptWords(this.concepts.value, this.concept.value));
    this.rows = computed(() => this.#rows());
    this.shown = computed(() =>
      shownRows(this.rows.value, { ...this.state.value, concept: this.concept.value }),
    );
    this.focused = computed(() => this.#focused());
    this.topPlan = computed(() => this.#topPlan());
    this.effects = new EffectsStore(host, this);
    this.thumbs = new ThumbStore(host.bridge, onChanged);
    this.courier = new Courier(onChanged);
    this.courier.serve(() => this.#wishes());
    this.overlays = new SampleOverlays(host.bridge, onChanged, () => this.#overlayWish());
    effect(() => {
      if (this.#wishes().length > 0) this.courier.refresh();
    });
    this.#forgetOtherConcepts();
  }

  /** Another segmenter numbers other concepts: what was chosen of the one before means nothing. */
  #forgetOtherConcepts(): void {
    let before = '';
    effect(() => {
      const now = this.concepts.value.join('\n');
      if (now !== '' && before !== '' && now !== before) this.update({ concept: [] });
      before = now || before;
    });
  }

  update(patch: Partial<Units>): void {
    this.state.value = { ...this.state.peek(), ...patch };
  }

  choose(layer: LayerDescription): void {
    if (layer.tensor === this.layer.peek()?.tensor) return;
    this.update({ tensor: layer.tensor, selection: [], focused: null });
  }

  toggle(unit: number): void {
    const { selection } = this.state.peek();
    const without = selection.filter((other) => other !== unit);
    this.update({ selection: without.length < selection.length ? without : [...selection, unit] });
  }

  /** Chooses a concept to rank units by. @param joins to the ones chosen before, or away from them */
  pick(concept: number, joins: boolean): void {
    const next = picked(this.concept.peek(), concept, joins);
    if (!ofOneKind(this.categories.peek(), next)) {
      this.#host.say(t('concepts.otherKind', { concept: this.concepts.peek()[concept] ?? concept }));
      return;
    }
    // Where no unit stands for it, those that agree best are still something to see.
    const named = this.rows
      .peek()
      .some(({ found, interpretable }) => interpretable && next.includes(found?.concept ?? -1));
    const ranked = { sort: 'iou' as const, reversed: false, ...(named ? {} : { everyUnit: true }) };
    this.update({ concept: next, ...(next.length > 0 ? ranked : {}) });
  }

  /** Takes every filter away. */
  showAll(): void {
    this.update({ search: '', concept: [], onlyInterpretable: false });
  }

  /** Tries again what failed. @param only errors whose code begins so */
  retry(only = ''): void {
    if (!this.active.peek()) return;
    const failed = (error: { readonly code: string } | null) => error?.code.startsWith(only) === true;
    if (failed(this.courier.error.peek())) this.courier.retry();
    if (failed(this.overlays.courier.error.peek())) this.overlays.courier.retry();
    if (failed(this.thumbs.error.peek())) this.thumbs.retry();
    if (failed(this.dissecting.error.peek())) void this.dissecting.load();
    if (failed(this.effects.error.peek())) void this.effects.retry();
    this.attempt.value++;
  }

  #layer(): LayerDescription | null {
    const layers = this.#host.model.value?.layers ?? null;
    if (layers === null) return null;
    const { tensor } = this.state.value;
    return (
      layers.find((layer) => layer.tensor === tensor) ?? firstLayer(layers, this.dissecting.dissection.value)
    );
  }

  #dissected(): DissectedLayer | null {
    const tensor = this.layer.value?.tensor;
    const ours = (layer: DissectedLayer) => layer.tensor === tensor;
    const { partial, dissection } = this.dissecting;
    return partial.value.find(ours) ?? dissection.value?.layers.find(ours) ?? null;
  }

  /** Those of a running or paused one are what it was begun with; before a reload of the page: what was asked for last. */
  #settings(): DissectSettings | null {
    const layer = this.dissected.value;
    if (layer === null) return null;
    const { partial, draft, begun, resumable, dissection } = this.dissecting;
    if (!partial.value.includes(layer)) return dissection.value?.settings ?? null;
    return resumable.value ?? begun.value ?? { ...draft.value, layers: [layer.tensor] };
  }

  #verdict(): Verdict {
    const { leastIou, level } = this.settings.value ?? this.dissecting.draft.value;
    return { leastIou: this.state.value.leastIou ?? leastIou, level };
  }

  /** Whether what is on show comes from a dissection that is not finished. */
  #unfinished(): boolean {
    const layer = this.dissected.value;
    return layer !== null && this.dissecting.partial.value.includes(layer);
  }

  /** The segmenter that names what is on show. */
  #segmenter(): { readonly concepts: readonly string[]; readonly categories: readonly string[] } | null {
    const { setup, dissection } = this.dissecting;
    const chosen = setup.value?.segmenter ?? null;
    return this.#unfinished() ? chosen : (dissection.value?.segmenter ?? chosen);
  }

  #conceptShare(): readonly number[] {
    const { dissection, partialShare } = this.dissecting;
    return this.#unfinished() ? partialShare.value : (dissection.value?.conceptShare ?? []);
  }

  /** Where nothing is found there is nothing to rank by. */
  #concept(): readonly number[] {
    if (this.dissected.value === null) return [];
    return this.state.value.concept.filter((concept) => concept < this.concepts.value.length);
  }

  #chosen(layer: DissectedLayer): ChosenConcept | null {
    const concept = this.concept.value;
    if (concept.length === 0) return null;
    return { concept, iou: agreementWith(layer, concept, this.conceptShare.value) };
  }

  #rows(): readonly UnitRow[] {
    const values = this.ranking.values.value;
    const found = this.dissected.value;
    if (found !== null)
      return dissectedRows(found, this.concepts.value, this.verdict.value, values, this.#chosen(found));
    const activity = this.#activities.value.get(this.#activityId());
    return activity === undefined ? [] : activeRows(activity, values);
  }

  #focused(): UnitRow | null {
    const { focused } = this.state.value;
    return this.rows.value.find(({ unit }) => unit === focused) ?? this.shown.value[0] ?? null;
  }

  /** The samples of the dissection, or before one those that begin where the ones on show do. */
  #topPlan(): SeedsPlan {
    const settings = this.settings.value;
    if (settings !== null) {
      const { source, seed, samples, classes } = settings;
      return { kind: 'seeds', source, seed, count: samples, classes };
    }
    const { source, seed, classChoice } = this.#host.samples.state.value;
    return { kind: 'seeds', source, seed, count: ACTIVITY_SAMPLES, classes: classChoice };
  }

  #activityId(): string {
    const stamp = this.#host.model.value?.stamp;
    return JSON.stringify([stamp, this.layer.value?.tensor, this.topPlan.value]);
  }

  #wishes(): readonly Wish[] {
    const model = this.#host.model.value;
    const layer = this.layer.value;
    if (!this.active.value || model === null || layer === null || this.dissected.value !== null) return [];
    const id = this.#activityId();
    const params = { stamp: model.stamp, tensor: layer.tensor, plan: this.topPlan.value, k: TOP_SAMPLES };
    return [
      {
        ...{ id, target: this.#target },
        run: async (abort, report) => {
          if (this.#activities.peek().has(id)) return null;
          const onProgress = (progress: { readonly done: number; readonly total: number }) =>
            report(progress.done, progress.total);
          const activity = await this.#host.bridge.request('activity', params, { signal: abort, onProgress });
          if (!isActivity(activity)) throw unreadable();
          if (!abort.aborted) this.#activities.value = new Map([...this.#activities.peek(), [id, activity]]);
          return null;
        },
      },
    ];
  }

  #overlayWish(): OverlayWish | null {
    const model = this.#host.model.value;
    if (!this.active.value || model === null || this.#host.samples.cell.value === 0) return null;
    const plan = gridPlan(this.#host.samples.state.value);
    const { stamp } = model;
    const { overlay } = this.state.value;
    if (overlay === 'segmentation') {
      const segmenter = this.dissecting.setup.value?.segmenter ?? null;
      const { resolution } = this.dissecting.draft.value;
      return segmenter && { kind: 'segments', stamp, plan, resolution, segmenter: segmenter.name };
    }
    const layer = this.layer.value;
    const unit = this.focused.value?.unit;
    if (overlay === 'none' || layer === null || unit === undefined) return null;
    return { kind: 'maps', stamp, tensor: layer.tensor, unit, plan };
  }

  #subject({ sample }: RankPlace): RankSubject | null {
    const stamp = this.#host.model.value?.stamp;
    const tensor = this.layer.value?.tensor;
    if (!this.active.value || stamp === undefined || tensor === undefined) return null;
    return { stamp, tensor, plan: samplePlan(this.#host.samples.state.value, sample) };
  }
}

function isActivity(value: UnitActivity): boolean {
  const { mean, peak, top, topValues, k } = value;
  const arrays = mean instanceof Float32Array && peak instanceof Float32Array;
  return (
    arrays && top instanceof Int32Array && topValues instanceof Float32Array && top.length === mean.length * k
  );
}

/** The dissection that the rows on show come from, unless they come from one that is not finished. */
export function finishedOf(units: UnitsStore): Dissection | null {
  const layer = units.dissected.value;
  const dissection = units.dissecting.dissection.value;
  return layer !== null && dissection?.layers.includes(layer) ? dissection : null;
}

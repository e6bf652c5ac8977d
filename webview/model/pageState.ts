/** Reads back what `setState` kept. A field that does not hold is replaced by its default; nothing here throws. */

import type { EffectsView, PageState, ScoresState, TranslationState } from '../../src/shared/pageProtocol.ts';
import type { LatentKey, LatentSource, Truncation } from '../../src/shared/samples/latents.ts';
import { MOST_RECORDS } from '../../src/shared/scores/scoring.ts';
import {
  DEFAULT_VIEW,
  EFFECT_KINDS,
  FEWEST_SAMPLES,
  MOST_RANDOM,
  MOST_SAMPLES,
  RANKS,
  UNITS_FROM,
} from './effectQuestion.ts';
import { COUNTS, MAX_SEED, type Samples, SIDES, STEPS, TRUNCATION_MODES } from './samplesModel.ts';
import { DEFAULT_TRANSLATION, MAX_BLUR, ROW_COUNTS } from './translationModel.ts';
import { DEFAULT_UNITS, MAX_LEAST_IOU, OVERLAYS, UNIT_SORTS, type Units } from './unitsModel.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The kept state of the Samples tab, or null when there is none for this model. */
export function readPageState(kept: unknown, model: string, defaults: Samples): Samples | null {
  if (!isFields(kept) || kept.schema !== 1 || kept.model !== model || !isFields(kept.samples)) return null;
  return readSamples(kept.samples, defaults);
}

/** What was kept of the translations on show; its defaults where there is nothing. */
export function readTranslation(kept: unknown, model: string): TranslationState {
  const fields = isFields(kept) && kept.schema === 1 && kept.model === model ? kept.translation : null;
  const { way, first, count, blur } = isFields(fields) ? fields : {};
  return {
    way: oneOf(way, ['forth', 'back'], DEFAULT_TRANSLATION.way),
    first: isWhole(first, 0, 1e6) ? first : DEFAULT_TRANSLATION.first,
    count: oneOf(count, ROW_COUNTS, DEFAULT_TRANSLATION.count),
    blur: isBetween(blur, 0, MAX_BLUR) ? blur : DEFAULT_TRANSLATION.blur,
  };
}

/** Which tab was on show. */
export function readTab(kept: unknown, model: string): PageState['tab'] {
  const tab = isFields(kept) && kept.schema === 1 && kept.model === model ? kept.tab : null;
  return asTab(tab, 'samples');
}

export function asTab(value: unknown, otherwise: PageState['tab']): PageState['tab'] {
  return oneOf(value, ['samples', 'units', 'scores', 'looks', 'timeline'], otherwise);
}

/** What was kept of the Units tab; its defaults where there is nothing. */
export function readUnits(kept: unknown, model: string): Units {
  const all = isFields(kept) && kept.schema === 1 && kept.model === model ? kept.units : null;
  if (!isFields(all)) return DEFAULT_UNITS;
  const {
    tensor,
    sort,
    reversed,
    search,
    concept,
    everyUnit,
    onlyInterpretable,
    selection,
    overlay,
    leastIou,
    focused,
    effects,
  } = all;
  return {
    tensor: typeof tensor === 'string' ? tensor : null,
    sort: oneOf(sort, UNIT_SORTS, DEFAULT_UNITS.sort),
    reversed: reversed === true,
    search: typeof search === 'string' ? search : '',
    concept: readConcept(concept),
    everyUnit: everyUnit === true,
    onlyInterpretable: onlyInterpretable === true,
    selection: Array.isArray(selection) ? selection.filter((unit) => isWhole(unit, 0, 1e6)) : [],
    overlay: oneOf(overlay, OVERLAYS, DEFAULT_UNITS.overlay),
    leastIou: isBetween(leastIou, 0, MAX_LEAST_IOU) ? leastIou : null,
    focused: isWhole(focused, 0, 1e6) ? focused : null,
    effects: readEffectsView(effects),
  };
}

function readEffectsView(kept: unknown): EffectsView {
  const { open, shown, from, count, rank, samples, random } = isFields(kept) ? kept : {};
  return {
    open: open === true,
    shown: oneOf(shown, EFFECT_KINDS, DEFAULT_VIEW.shown),
    from: oneOf(from, UNITS_FROM, DEFAULT_VIEW.from),
    count: isWhole(count, 1, 1e6) ? count : DEFAULT_VIEW.count,
    rank: oneOf(rank, RANKS, DEFAULT_VIEW.rank),
    samples: isWhole(samples, FEWEST_SAMPLES, MOST_SAMPLES) ? samples : DEFAULT_VIEW.samples,
    random: isWhole(random, 0, MOST_RANDOM) ? random : DEFAULT_VIEW.random,
  };
}

export const DEFAULT_SCORES: ScoresState = {
  ...{ shown: null, compared: [], opened: null },
  ...{ everyModel: false, edited: false },
};

/** What was kept of the Scores tab; its defaults where there is nothing. */
export function readScores(kept: unknown, model: string): ScoresState {
  const fields = isFields(kept) && kept.schema === 1 && kept.model === model ? kept.scores : null;
  const { shown, compared, opened, everyModel, edited } = isFields(fields) ? fields : {};
  const ids = Array.isArray(compared) ? compared.filter((id) => typeof id === 'string') : [];
  return {
    shown: typeof shown === 'string' ? shown : null,
    compared: [...new Set(ids)].slice(0, MOST_RECORDS),
    opened: typeof opened === 'string' ? opened : null,
    everyModel: everyModel === true,
    edited: edited === true,
  };
}

/** Earlier versions kept one index, or null. */
function readConcept(kept: unknown): readonly number[] {
  const list = Array.isArray(kept) ? kept : [kept];
  return [...new Set(list.filter((concept) => isWhole(concept, 0, 65_534)))];
}

export function writePageState(
  model: string,
  tab: PageState['tab'],
  samples: Samples,
  others: Pick<PageState, 'translation' | 'units' | 'edits' | 'scores' | 'looks'> = {},
): PageState {
  return { schema: 1, tab, model, samples, ...others };
}

/** All that is known of a page before its model is: read back as no state of the samples. */
export function writeModelOnly(model: string): Omit<PageState, 'samples'> {
  return { schema: 1, tab: 'samples', model };
}

function readSamples(kept: Fields, defaults: Samples): Samples {
  return {
    seed: isWhole(kept.seed, 0, MAX_SEED) ? kept.seed : defaults.seed,
    count: oneOf(kept.count, COUNTS, defaults.count),
    cell: isWhole(kept.cell, 0, 4096) ? kept.cell : defaults.cell,
    classChoice: kept.classChoice === 'all' || isWhole(kept.classChoice, 0, 1e6) ? kept.classChoice : 'all',
    source: readSource(kept.source, defaults.source),
    selection: Array.isArray(kept.selection) ? kept.selection.filter(isKey).map(cleanKey) : [],
    view: oneOf(kept.view, ['grid', 'single', 'interpolation'], defaults.view),
    steps: oneOf(kept.steps, STEPS, defaults.steps),
    method: oneOf(kept.method, ['slerp', 'lerp'], defaults.method),
    loop: typeof kept.loop === 'boolean' ? kept.loop : defaults.loop,
    shape: oneOf(kept.shape, ['path', 'grid'], defaults.shape),
    gridSide: oneOf(kept.gridSide, SIDES, defaults.gridSide),
    truncationMode: oneOf(kept.truncationMode, TRUNCATION_MODES, defaults.truncationMode),
    opened: isKey(kept.opened) ? cleanKey(kept.opened) : null,
  };
}

function readSource(kept: unknown, defaults: LatentSource): LatentSource {
  if (!isFields(kept)) return defaults;
  return {
    rng: oneOf(kept.rng, ['numpy', 'torch'], defaults.rng),
    layout: oneOf(kept.layout, ['each', 'stream'], defaults.layout),
    distribution: oneOf(kept.distribution, ['normal', 'uniform', 'uniform01'], defaults.distribution),
    truncation: readTruncation(kept.truncation),
  };
}

function readTruncation(kept: unknown): Truncation {
  if (!isFields(kept)) return { mode: 'none' };
  if (kept.mode === 'resample' && isBetween(kept.threshold, 0.01, 10)) {
    return { mode: 'resample', threshold: kept.threshold };
  }
  if (kept.mode === 'truncnorm' && isBetween(kept.scale, 0.01, 10))
    return { mode: 'truncnorm', scale: kept.scale };
  if (kept.mode === 'psi' && isBetween(kept.psi, 0, 10)) return { mode: 'psi', psi: kept.psi };
  if (kept.mode === 'input' && isBetween(kept.value, -10, 10)) return { mode: 'input', value: kept.value };
  return { mode: 'none' };
}

function isKey(value: unknown): value is LatentKey {
  if (!isFields(value) || !isWhole(value.seed, 0, MAX_SEED)) return false;
  return value.classIndex === null || isWhole(value.classIndex, 0, 1e6);
}

function cleanKey(key: LatentKey): LatentKey {
  return { seed: key.seed, classIndex: key.classIndex };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isBetween(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && value >= min && value <= max;
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return isBetween(value, min, max) && Number.isInteger(value);
}

function oneOf<T>(value: unknown, allowed: readonly T[], otherwise: T): T {
  return allowed.includes(value as T) ? (value as T) : otherwise;
}

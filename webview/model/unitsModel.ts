/** The Units tab as data: what its table shows, in which order, and what is said of a layer. Pure. */

import type { LayerDescription } from '../../src/shared/generator/model.ts';
import type { UnitsState } from '../../src/shared/pageProtocol.ts';
import type {
  DissectedLayer,
  DissectedUnit,
  Dissection,
  DissectSettings,
  UnitActivity,
} from '../../src/shared/units/dissection.ts';
import { type Agreement, agreementOf, type ChosenConcept } from './conceptChoice.ts';
import { DEFAULT_VIEW } from './effectQuestion.ts';
import { isInterpretable, type Verdict } from './verdict.ts';

/** The state that travels, with nothing left out. */
export type Units = Required<UnitsState>;
export type UnitSort = UnitsState['sort'];

export const UNIT_SORTS: readonly UnitSort[] = ['unit', 'iou', 'mean', 'peak', 'concept', 'null', 'level'];
export const OVERLAYS = ['heat', 'outline', 'segmentation', 'none'] as const;
export const MAX_LEAST_IOU = 0.5;
/** Samples that units are ordered by before anybody names them, and top samples of each. */
export const ACTIVITY_SAMPLES = 256;
export const TOP_SAMPLES = 8;
/** A concept that shows in more of all pixels than this is one that a small mask can hardly agree with. */
const LARGE_SHARE = 0.2;

export const DEFAULT_UNITS: Units = {
  tensor: null,
  sort: 'iou',
  reversed: false,
  search: '',
  concept: [],
  everyUnit: false,
  onlyInterpretable: false,
  selection: [],
  overlay: 'heat',
  leastIou: null,
  focused: null,
  effects: DEFAULT_VIEW,
};

/** One unit as the table shows it. */
export interface UnitRow {
  readonly unit: number;
  readonly mean: number;
  readonly peak: number;
  readonly top: readonly { readonly index: number; readonly value: number }[];
  /** What a dissection found; null before one. */
  readonly found: DissectedUnit | null;
  /** What it stands for most. */
  readonly concept: string;
  /** With the concept chosen, else with its own; null before a dissection. */
  readonly agreement: Agreement | null;
  readonly interpretable: boolean;
  /** Where its outline is drawn: its level, or before a dissection half of its peak. */
  readonly level: number;
  /** How active it is at the place that units are ranked by, against its level or peak; null without such a place. */
  readonly here: number | null;
}

/**
 * @param here activation of each unit at a place of a sample
 * @param chosen the concept that agreement is shown with; null: each unit's own
 */
export function dissectedRows(
  layer: DissectedLayer,
  concepts: readonly string[],
  verdict: Verdict,
  here: Float32Array | null,
  chosen: ChosenConcept | null = null,
): UnitRow[] {
  return layer.units.map((found, at) => ({
    unit: found.unit,
    mean: found.mean,
    peak: found.peak,
    top: found.top,
    found,
    concept: concepts[found.concept] ?? '',
    agreement: agreementOf(found, at, verdict, chosen),
    interpretable: isInterpretable(found, verdict),
    level: found.level,
    here: here === null ? null : above(here[found.unit] ?? Number.NaN, found.level, found.peak),
  }));
}

export function activeRows({ mean, peak, top, topValues, k }: UnitActivity, here: Float32Array | null) {
  return Array.from(mean, (value, unit): UnitRow => {
    const most = peak[unit] ?? Number.NaN;
    return {
      unit,
      mean: value,
      peak: most,
      top: Array.from({ length: k }, (_, i) => ({
        index: top[unit * k + i] ?? -1,
        value: topValues[unit * k + i] ?? Number.NaN,
      })).filter(({ index }) => index >= 0),
      found: null,
      concept: '',
      agreement: null,
      interpretable: false,
      level: most / 2,
      here: here === null ? null : above(here[unit] ?? Number.NaN, 0, most),
    };
  });
}

/** 0 at the unit's level, 1 at its peak; NaN for a unit that never rises above its level. */
function above(value: number, level: number, peak: number): number {
  return peak > level ? (value - level) / (peak - level) : Number.NaN;
}

/** The rows that the person's search and filters leave, in the order asked for. */
export function shownRows(rows: readonly UnitRow[], state: Units): UnitRow[] {
  const words = state.search.trim().toLowerCase();
  const shown = rows.filter(
    (row) =>
      (row.found === null || !state.onlyInterpretable || row.interpretable) &&
      (row.found === null || standsFor(row.found, row.interpretable, state)) &&
      (words === '' || matches(row, words)),
  );
  if (rows.some(({ here }) => here !== null)) return shown.sort((a, b) => falling(a.here, b.here));
  const order = ORDERS[sortOf(state, rows)];
  const turn = state.reversed ? -1 : 1;
  return shown.sort((a, b) => turn * order(a, b) || a.unit - b.unit);
}

/** Whether the chosen concept leaves it in the table. */
function standsFor({ concept }: DissectedUnit, interpretable: boolean, state: Units): boolean {
  if (state.concept.length === 0 || state.everyUnit) return true;
  return interpretable && state.concept.includes(concept);
}

/** Before a dissection there is nothing of it to sort by. */
export function sortOf({ sort }: Units, rows: readonly UnitRow[]): UnitSort {
  const plain = sort === 'unit' || sort === 'mean' || sort === 'peak';
  return plain || rows[0] === undefined || rows[0].found !== null ? sort : 'peak';
}

function matches({ unit, concept }: UnitRow, words: string): boolean {
  return /^\d+$/.test(words) ? String(unit) === words : concept.toLowerCase().includes(words);
}

const ORDERS: Readonly<Record<UnitSort, (a: UnitRow, b: UnitRow) => number>> = {
  unit: (a, b) => a.unit - b.unit,
  concept: (a, b) => a.concept.localeCompare(b.concept) || falling(a.found?.iou, b.found?.iou),
  iou: (a, b) => falling(a.agreement?.iou, b.agreement?.iou),
  null: (a, b) => falling(a.found?.bar, b.found?.bar),
  level: (a, b) => falling(a.found?.level, b.found?.level),
  mean: (a, b) => falling(a.mean, b.mean),
  peak: (a, b) => falling(a.peak, b.peak),
};

/** The largest first; what is no number comes last. */
function falling(a: number | null | undefined, b: number | null | undefined): number {
  const [x, y] = [numberOr(a), numberOr(b)];
  return x === y ? 0 : y - x;
}

function numberOr(value: number | null | undefined): number {
  return value === null || value === undefined || Number.isNaN(value) ? -Number.MAX_VALUE : value;
}

export interface ConceptBar {
  readonly concept: number;
  readonly name: string;
  readonly units: number;
  /** Share of all pixels that show it. */
  readonly share: number;
}

/** Concepts that units stand for, most units first. */
export function conceptBars(
  rows: readonly UnitRow[],
  concepts: readonly string[],
  shares: readonly number[],
): ConceptBar[] {
  const counts = new Map<number, number>();
  for (const { found, interpretable } of rows)
    if (found !== null && interpretable) counts.set(found.concept, (counts.get(found.concept) ?? 0) + 1);
  return [...counts]
    .map(([concept, units]) => ({
      ...{ concept, units },
      name: concepts[concept] ?? String(concept),
      share: shares[concept] ?? 0,
    }))
    .sort((a, b) => b.units - a.units || a.concept - b.concept);
}

/** Concepts whose IoU a mask of `quantile` of all pixels caps at quantile / share: none but in quantile mode. */
export function cappedConcepts({ settings, conceptShare, segmenter }: Dissection): ConceptBar[] {
  if (settings.level.mode !== 'quantile') return [];
  return conceptShare
    .map((share, concept) => ({ concept, share, units: 0, name: segmenter.concepts[concept] ?? '' }))
    .filter(({ share }) => share > LARGE_SHARE)
    .sort((a, b) => b.share - a.share);
}

/** The layer to begin with: what a dissection has most to say about, else the first that is 8 cells high. */
export function firstLayer(
  layers: readonly LayerDescription[],
  dissection: Dissection | null,
): LayerDescription | null {
  const known = [...(dissection?.layers ?? [])].sort((a, b) => b.interpretable - a.interpretable);
  const best = layers.find(({ tensor }) => tensor === known[0]?.tensor);
  return best ?? layers.find(({ resolution }) => Math.min(...resolution) >= 8) ?? layers.at(-1) ?? null;
}

/** Whether a dissection is of other settings than these; layers and the adjustable threshold aside. */
export function differs(a: DissectSettings, b: DissectSettings): boolean {
  const core = ({ samples, seed, levelSeed, level, source, classes, resolution }: DissectSettings) =>
    JSON.stringify([
      ...[samples, seed, levelSeed, classes, resolution],
      ...[level.mode, level.mode === 'quantile' ? level.quantile : 0],
      ...[source.rng, source.layout, source.distribution, Object.entries(source.truncation).sort()],
    ]);
  return core(a) !== core(b);
}

/** Checks of what a page asks about units, and of dissections that lie on disk. */
import {
  isInteger,
  isList,
  isNumber,
  isObject,
  isOneOf,
  isShare,
  MAX_COUNT,
  MAX_SEED,
  type Unknown,
} from '../kernel/checks.ts';
import { type LatentPlan, planCount } from '../samples/latents.ts';
import { isClassChoice, isLatentPlan, isLatentSource } from '../samples/planGuards.ts';
import type { Dissection, DissectSettings, LevelMode } from './dissection.ts';

/** More layers than a generator has. */
const MOST_LAYERS = 200;
/** Names in a graph are paths of modules, and long. */
const LONGEST_NAME = 1000;
/** Pictures that one answer holds: each comes with a map. */
const MOST_PICTURES = 4096;
const MOST_SIDE = 16_384;
const MOST_TOP = 100;

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= LONGEST_NAME;
const isText = (value: unknown): value is string => typeof value === 'string';

function isLevelMode(value: unknown): value is LevelMode {
  if (!isObject(value)) return false;
  if (value.mode === 'quantile') return isShare(value.quantile) && value.quantile > 0 && value.quantile < 1;
  return value.mode === 'iqr';
}

export function isDissectSettings(value: unknown): value is DissectSettings {
  return (
    isObject(value) &&
    isList(value.layers, isName, MOST_LAYERS) &&
    value.layers.length > 0 &&
    isInteger(value.samples, 2, MAX_COUNT) &&
    isInteger(value.seed, 0, MAX_SEED) &&
    isInteger(value.levelSeed, 0, MAX_SEED) &&
    isLatentSource(value.source) &&
    isClassChoice(value.classes) &&
    isLevelMode(value.level) &&
    isShare(value.leastIou) &&
    isInteger(value.resolution, 1, 4096) &&
    (value.definition === undefined || isOneOf(value.definition, ['dissect', 'gandissect']))
  );
}

/** What every relayed request has: a plan of no more samples than that, and the stamp of the model on show. */
function isAboutSamples(value: unknown, most: number): value is Unknown & { readonly plan: LatentPlan } {
  return (
    isObject(value) &&
    isText(value.stamp) &&
    isLatentPlan(value.plan) &&
    planCount(value.plan) >= 1 &&
    planCount(value.plan) <= most
  );
}

export function isActivityRequest(value: unknown): boolean {
  return isAboutSamples(value, MAX_COUNT) && isName(value.tensor) && isInteger(value.k, 1, MOST_TOP);
}

export function isUnitPicturesRequest(value: unknown): boolean {
  return (
    isAboutSamples(value, MOST_PICTURES) &&
    isName(value.tensor) &&
    isList(value.units, (unit): unit is number => isInteger(unit, 0, MAX_COUNT), MOST_PICTURES) &&
    value.units.length === planCount(value.plan) &&
    isInteger(value.maxSide, 0, MOST_SIDE)
  );
}

export function isSegmentationRequest(value: unknown): boolean {
  return isAboutSamples(value, MOST_PICTURES) && isInteger(value.resolution, 1, 4096);
}

export function isUnitsAtRequest(value: unknown): boolean {
  return isAboutSamples(value, 1) && isName(value.tensor) && isShare(value.x) && isShare(value.y);
}

/** As far as what shows it depends on: the file is ours, but it may be cut off, or of another version. */
export function isDissection(value: unknown): value is Dissection {
  return (
    isObject(value) &&
    value.schema === 1 &&
    isObject(value.model) &&
    isText(value.model.sha256) &&
    isSegmenter(value.segmenter) &&
    isDissectSettings(value.settings) &&
    isList(value.maps, isNumber, 2) &&
    isNumbers(value.conceptShare) &&
    isList(value.layers, isDissectedLayer, MOST_LAYERS) &&
    isList(value.warnings, isText, MAX_COUNT) &&
    isObject(value.made) &&
    isText(value.made.date)
  );
}

function isSegmenter(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value.name) &&
    isText(value.sha256) &&
    isList(value.concepts, isText, MAX_COUNT) &&
    isList(value.categories, isText, MAX_COUNT)
  );
}

function isDissectedLayer(value: unknown): value is Dissection['layers'][number] {
  return (
    isObject(value) &&
    isName(value.layer) &&
    isName(value.tensor) &&
    isList(value.units, isDissectedUnit, MAX_COUNT) &&
    isNumber(value.null99) &&
    isNumber(value.interpretable) &&
    isList(value.iou, isNumbers, MAX_COUNT)
  );
}

function isDissectedUnit(value: unknown): value is Dissection['layers'][number]['units'][number] {
  return (
    isObject(value) &&
    [value.unit, value.concept, value.iou, value.bar, value.level, value.mean, value.peak].every(isNumber) &&
    isNumbers(value.interval) &&
    typeof value.interpretable === 'boolean' &&
    isList(value.top, isTopSample, MAX_COUNT)
  );
}

const isNumbers = (value: unknown): value is number[] => isList(value, isNumber, MAX_COUNT);
const isTopSample = (value: unknown): value is { readonly index: number; readonly value: number } =>
  isObject(value) && isNumber(value.index) && isNumber(value.value);

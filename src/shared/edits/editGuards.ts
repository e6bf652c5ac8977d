/** Checks of edits that a page sends, or that lie in the workspace's memory, and of what a page asks about them. */
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
import { planCount } from '../samples/latents.ts';
import { isLatentKey, isLatentPlan, isLatentSource } from '../samples/planGuards.ts';
import type { Edit, EditFile, EditIntent, EditRegion, UnitChange } from './edits.ts';
import type { EditTarget } from './interventions.ts';

/** More edits in a stack than anybody can oversee. */
const MOST_EDITS = 200;
/** The widest layers have a few thousand. */
const MOST_UNITS = 65_536;
/** Cells on a side of a layer. */
const MOST_CELLS = 1024;
/** Samples on show. */
const MOST_SAMPLES = 4096;
const MOST_CONCEPTS = 10_000;
const MOST_SIDE = 16_384;
const LONGEST_NAME = 1000;
const LONGEST_TITLE = 200;
/** Beyond, float32 is of no more use. */
const LARGEST = 1e9;
const MOST_STRENGTH = 1000;

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= LONGEST_NAME;
const isTitle = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= LONGEST_TITLE;
const isAmount = (value: unknown): value is number => isNumber(value) && Math.abs(value) <= LARGEST;
const isStrength = (value: unknown): value is number => isNumber(value) && Math.abs(value) <= MOST_STRENGTH;

export function isUnitIndex(value: unknown): value is number {
  return isInteger(value, 0, MOST_UNITS - 1);
}

function isUnitChange(value: unknown): value is UnitChange {
  return isObject(value) && isUnitIndex(value.unit) && isAmount(value.scale) && isAmount(value.shift);
}

function isRegion(value: unknown): value is EditRegion {
  return (
    isObject(value) &&
    isInteger(value.height, 1, MOST_CELLS) &&
    isInteger(value.width, 1, MOST_CELLS) &&
    isList(value.weights, isShare, MOST_CELLS ** 2) &&
    value.weights.length === value.height * value.width
  );
}

export function isEditIntent(value: unknown): value is EditIntent {
  if (!isObject(value)) return false;
  if (value.kind === 'ablate') return isOneOf(value.to, ['zero', 'mean', 'minimum']);
  if (value.kind === 'scale') return isAmount(value.factor);
  return (
    value.kind === 'insert' &&
    isOneOf(value.from, ['conceptMean', 'topMean', 'quantile']) &&
    (value.concept === undefined || isTitle(value.concept))
  );
}

export function isEdit(value: unknown): value is Edit {
  return (
    isObject(value) &&
    isTitle(value.id) &&
    isTitle(value.name) &&
    isName(value.layer) &&
    isName(value.tensor) &&
    isEditIntent(value.intent) &&
    isList(value.units, isUnitChange, MOST_UNITS) &&
    isStrength(value.strength) &&
    (value.region === null || isRegion(value.region)) &&
    (value.samples === null || isList(value.samples, isLatentKey, MOST_SAMPLES)) &&
    typeof value.muted === 'boolean'
  );
}

export function isEditStack(value: unknown): value is Edit[] {
  return isList(value, isEdit, MOST_EDITS);
}

export function isEditFile(value: unknown): value is EditFile {
  return isObject(value) && value.schema === 1 && isTitle(value.name) && isEditStack(value.edits);
}

/** A plan of as many samples as can be on show, and what is done to them. */
function isEditedPlan(value: Unknown): boolean {
  return isLatentPlan(value.plan) && planCount(value.plan) <= MOST_SAMPLES && isEditStack(value.edits);
}

export function isEditedSampleRequest(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value.stamp === 'string' &&
    isEditedPlan(value) &&
    isInteger(value.maxSide, 1, MOST_SIDE)
  );
}

export function isUnitValuesRequest(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value.stamp === 'string' &&
    isName(value.tensor) &&
    isList(value.concepts, (c): c is number => isInteger(c, 0, MOST_CONCEPTS - 1), MOST_CONCEPTS) &&
    isLatentSource(value.source) &&
    isInteger(value.seed, 0, MAX_SEED) &&
    isInteger(value.samples, 1, MAX_COUNT) &&
    isShare(value.quantile)
  );
}

export function isEditTarget(value: unknown): value is EditTarget {
  if (!isObject(value)) return false;
  if (value.what === 'json') return isEditFile(value.file);
  if (!isTitle(value.name)) return false;
  if (value.what === 'onnx') return isEditStack(value.edits);
  if (value.what === 'pairs') return isEditedPlan(value);
  return (
    value.what === 'sweep' &&
    isEditedPlan(value) &&
    isList(value.swept, isTitle, MOST_EDITS) &&
    isStrength(value.from) &&
    isStrength(value.to) &&
    isInteger(value.columns, 1, 1000) &&
    isOneOf(value.format, ['gif', 'webp'])
  );
}

export function isEditCodeTarget(value: unknown): boolean {
  return isObject(value) && isEditedPlan(value);
}

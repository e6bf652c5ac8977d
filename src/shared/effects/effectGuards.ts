/** Checks of questions about effects that a page asks, and of answers that lie on disk. */

import { isUnitIndex } from '../edits/editGuards.ts';
import { isInteger, isList, isNumber, isObject, isOneOf, MAX_SEED, type Unknown } from '../kernel/checks.ts';
import { isLatentSource } from '../samples/planGuards.ts';
import type { Effect, EffectQuestion, Figure, Placement, Selections } from './effects.ts';

const MOST_UNITS = 65_536;
const MOST_CONCEPTS = 10_000;
/** Each is segmented, many times. */
const MOST_SAMPLES = 1_000_000;
const MOST_RANDOM = 1000;
const MOST_CURVE = 1000;
const MOST_CELLS = 1024 ** 2;
const LONGEST_NAME = 1000;

const isText = (value: unknown): value is string => typeof value === 'string';
const isName = (value: unknown): value is string =>
  isText(value) && value.length > 0 && value.length <= LONGEST_NAME;
const isUnits = (value: unknown): value is number[] => isList(value, isUnitIndex, MOST_UNITS);

/** What all three questions are about. */
function isCommon(value: Unknown): boolean {
  return (
    isName(value.layer) &&
    isList(value.concept, isName, MOST_CONCEPTS) &&
    value.concept.length > 0 &&
    isInteger(value.samples, 2, MOST_SAMPLES) &&
    isInteger(value.seed, 0, MAX_SEED) &&
    isInteger(value.trainingSamples, 2, MOST_SAMPLES) &&
    // A dissection on the training samples takes its thresholds from those of the next seed.
    isInteger(value.trainingSeed, 0, MAX_SEED - 1) &&
    isLatentSource(value.source) &&
    isInteger(value.resolution, 1, 4096)
  );
}

function isChoice(value: unknown): boolean {
  if (!isObject(value)) return false;
  if (value.kind === 'given') return isUnits(value.units) && value.units.length > 0;
  return (
    value.kind === 'top' &&
    isInteger(value.count, 1, MOST_UNITS) &&
    isOneOf(value.rank, ['iou', 'effect', 'greedy'])
  );
}

const isMeasured = (value: Unknown): boolean =>
  isOneOf(value.ablate, ['zero', 'mean', 'minimum']) && isInteger(value.random, 0, MOST_RANDOM);

function isEffectSettings(value: unknown): boolean {
  return (
    isObject(value) &&
    isCommon(value) &&
    isMeasured(value) &&
    isChoice(value.choice) &&
    isInteger(value.curve, 0, MOST_CURVE)
  );
}

function isSelectionsSettings(value: unknown): boolean {
  return isObject(value) && isCommon(value) && isMeasured(value) && isInteger(value.count, 1, MOST_CURVE);
}

function isPlacementSettings(value: unknown): boolean {
  return (
    isObject(value) &&
    isCommon(value) &&
    isUnits(value.units) &&
    value.units.length > 0 &&
    isInteger(value.patch, 1, 1024)
  );
}

export function isEffectQuestion(value: unknown): value is EffectQuestion {
  if (!isObject(value)) return false;
  if (value.kind === 'effect') return isEffectSettings(value.settings);
  if (value.kind === 'selections') return isSelectionsSettings(value.settings);
  return value.kind === 'placement' && isPlacementSettings(value.settings);
}

const isFigure = (value: unknown): value is Figure =>
  isObject(value) &&
  isNumber(value.mean) &&
  isList(value.interval, isNumber, 2) &&
  value.interval.length === 2;
const isFigures = (value: unknown): value is Figure[] => isList(value, isFigure, MOST_CURVE + 1);
const isNumbers = (value: unknown): value is number[] => isList(value, isNumber, MOST_RANDOM);
const isNumberOrNull = (value: unknown): value is number | null => value === null || isNumber(value);

/** What every answer says of itself. */
function isAnswer(value: unknown): value is Unknown {
  return (
    isObject(value) &&
    value.schema === 1 &&
    isObject(value.model) &&
    isText(value.model.sha256) &&
    isObject(value.segmenter) &&
    isText(value.segmenter.sha256) &&
    isText(value.layer) &&
    isNumber(value.ms) &&
    isList(value.warnings, isText, 1000)
  );
}

export function isEffect(value: unknown): value is Effect {
  return (
    isAnswer(value) &&
    isEffectSettings(value.settings) &&
    isUnits(value.units) &&
    isList(value.concepts, isConceptEffect, MOST_CONCEPTS) &&
    isObject(value.random) &&
    [value.random.ablated, value.random.inserted, value.random.removed].every(isNumbers) &&
    isFigures(value.curve)
  );
}

function isConceptEffect(value: unknown): value is Effect['concepts'][number] {
  return (
    isObject(value) &&
    isText(value.concept) &&
    [value.before, value.ablated, value.inserted, value.ace, value.removed].every(isFigure)
  );
}

export function isSelections(value: unknown): value is Selections {
  return (
    isAnswer(value) &&
    isSelectionsSettings(value.settings) &&
    isText(value.concept) &&
    isList(value.selections, isSelection, 3) &&
    isList(value.random, isBand, MOST_CURVE + 1)
  );
}

function isSelection(value: unknown): value is Selections['selections'][number] {
  return (
    isObject(value) &&
    isOneOf(value.rank, ['iou', 'effect', 'greedy']) &&
    isUnits(value.units) &&
    isFigures(value.removed)
  );
}

function isBand(value: unknown): value is Selections['random'][number] {
  return isObject(value) && [value.units, value.mean, value.lowest, value.highest].every(isNumber);
}

export function isPlacement(value: unknown): value is Placement {
  return (
    isAnswer(value) &&
    isPlacementSettings(value.settings) &&
    isText(value.concept) &&
    isUnits(value.units) &&
    isMap(value.map) &&
    isList(value.table, isTaken, MOST_CONCEPTS + 1)
  );
}

function isMap(value: unknown): value is Placement['map'] {
  return (
    isObject(value) &&
    isNumber(value.height) &&
    isNumber(value.width) &&
    isList(value.gained, isNumberOrNull, MOST_CELLS) &&
    value.gained.length === value.height * value.width
  );
}

function isTaken(value: unknown): value is Placement['table'][number] {
  return isObject(value) && isText(value.before) && isNumber(value.tries) && isFigure(value.taken);
}

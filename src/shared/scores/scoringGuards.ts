/** Checks of questions about scores that a page asks, and of runs that lie in the history. */

import { isEditStack } from '../edits/editGuards.ts';
import {
  isInteger,
  isList,
  isNumber,
  isObject,
  isOneOf,
  isRecord,
  MAX_COUNT,
  MAX_SEED,
} from '../kernel/checks.ts';
import { isClassChoice, isLatentSource } from '../samples/planGuards.ts';
import type { ScoreRun, ScoreValue } from './scores.ts';
import type { ScoreQuestion, ScoreWish, ScoringChoice } from './scoring.ts';

const MOST_SCORES = 100;
const MOST_OPTIONS = 100;
const MOST_VALUES = 1000;
const MOST_IDS = 1000;
const LONGEST = 1000;

const isText = (value: unknown): value is string => typeof value === 'string';
const isShort = (value: unknown): value is string => isText(value) && value.length <= LONGEST;
const isSetting = (value: unknown): value is number | string => isNumber(value) || isShort(value);

function isOptions(value: unknown): value is ScoreWish['options'] {
  const isOwn = (own: unknown): own is Record<string, number | string> =>
    isRecord(own, isSetting) && Object.keys(own).length <= MOST_OPTIONS;
  return isRecord(value, isOwn) && Object.keys(value).length <= MOST_SCORES;
}

export function isScoreWish(value: unknown): value is ScoreWish {
  return (
    isObject(value) &&
    isList(value.scores, isShort, MOST_SCORES) &&
    isInteger(value.samples, 2, MAX_COUNT) &&
    isInteger(value.seed, 0, MAX_SEED) &&
    isLatentSource(value.source) &&
    isClassChoice(value.classes) &&
    isOneOf(value.quantisation, ['round', 'floor']) &&
    isInteger(value.referenceSamples, 0, MAX_COUNT) &&
    (value.resize === undefined || isOneOf(value.resize, ['tf1', 'torch', 'clean', 'own'])) &&
    (value.range === undefined || (isList(value.range, isNumber, 2) && value.range.length === 2)) &&
    isOptions(value.options)
  );
}

export function isScoreQuestion(value: unknown): value is ScoreQuestion {
  return isObject(value) && isScoreWish(value.wish) && isEditStack(value.edits);
}

export function isScoringChoice(value: unknown): value is ScoringChoice {
  if (!isObject(value) || !(value.recent === undefined || isShort(value.recent))) return false;
  if (value.from === 'recent' && value.recent === undefined) return false;
  if (value.part === 'extractor')
    return isOneOf(value.from, ['demo', 'inception', 'folder', 'file', 'recent']);
  return (
    value.part === 'reference' && isOneOf(value.from, ['demo', 'folder', 'file', 'model', 'none', 'recent'])
  );
}

export function isRunIds(value: unknown): value is string[] {
  return isList(value, isShort, MOST_IDS);
}

/** JSON has no NaN or infinity: such values come back as null, and a page shows them as not known. */
function isScoreValue(value: unknown): value is ScoreValue {
  return (
    isObject(value) &&
    isShort(value.score) &&
    isShort(value.name) &&
    isNumber(value.value) &&
    (value.interval === null || (isList(value.interval, isNumber, 2) && value.interval.length === 2)) &&
    isText(value.intervalKind) &&
    (value.replicates === null || isList(value.replicates, isNumber, MOST_VALUES)) &&
    (value.spread === null ||
      (isObject(value.spread) && isText(value.spread.name) && isNumber(value.spread.value))) &&
    isNumber(value.n) &&
    isNumber(value.nReference) &&
    isList(value.warnings, isText, MOST_VALUES) &&
    Array.isArray(value.plots) &&
    isObject(value.details)
  );
}

const isScoreValues = (value: unknown): value is ScoreValue[] => isList(value, isScoreValue, MOST_VALUES);

export function isScoreRun(value: unknown): value is ScoreRun {
  if (!isObject(value) || value.schema !== 1) return false;
  const { model, extractor, reference, settings, edited, made } = value;
  return (
    isObject(model) &&
    isText(model.file) &&
    isText(model.sha256) &&
    isObject(extractor) &&
    isText(extractor.name) &&
    isText(extractor.sha256) &&
    Array.isArray(extractor.classNames) &&
    (reference === null || (isObject(reference) && isText(reference.name) && isText(reference.sha256))) &&
    isScoreWish(settings) &&
    isScoreValues(value.scores) &&
    (edited === null ||
      (isObject(edited) &&
        isEditStack(edited.edits) &&
        isScoreValues(edited.before) &&
        isScoreValues(edited.difference))) &&
    isList(value.warnings, isText, MOST_VALUES) &&
    isNumber(value.ms) &&
    isNumber(value.forwardPasses) &&
    isObject(made) &&
    isText(made.date)
  );
}

/** Checks of looks that a page asks for, and of answers that lie on disk. */
import {
  isInteger,
  isList,
  isNumber,
  isObject,
  isOneOf,
  MAX_COUNT,
  MAX_SEED,
  type Unknown,
} from '../kernel/checks.ts';
import { isClassChoice, isLatentSource } from '../samples/planGuards.ts';
import type { LookAnswers, LookKind, LookQuestion } from './lookRequests.ts';

const MOST_SHOWN = 64;
const MOST_NEIGHBOURS = 20;
const MOST_KINDS = 10_000;
const MOST_UNITS = 65_536;
const LONGEST = 1000;

const isText = (value: unknown): value is string => typeof value === 'string';
const isName = (value: unknown): value is string =>
  isText(value) && value.length > 0 && value.length <= LONGEST;
const isPlace = (value: unknown): value is number => isInteger(value, 0, MAX_COUNT);
const isUnit = (value: unknown): value is number => isInteger(value, 0, MOST_UNITS);
const isPlaces = (value: unknown): value is number[] => isList(value, isPlace, MAX_COUNT);
const isUnits = (value: unknown): value is number[] => isList(value, isUnit, MOST_UNITS);

/** Which samples are drawn, and how they become pictures. */
function isDrawn(value: Unknown): boolean {
  return (
    isInteger(value.seed, 0, MAX_SEED) &&
    isLatentSource(value.source) &&
    isClassChoice(value.classes) &&
    isOneOf(value.quantisation, ['round', 'floor'])
  );
}

const isCompared = (value: Unknown): boolean =>
  isDrawn(value) && isInteger(value.samples, 2, MAX_COUNT) && isInteger(value.referenceSamples, 0, MAX_COUNT);

const WISHES: { readonly [K in LookKind]: (value: Unknown) => boolean } = {
  neighbours: (value) =>
    // The samples on show may be a single one.
    isCompared({ ...value, samples: value.samples === 1 ? 2 : value.samples }) &&
    isInteger(value.k, 1, MOST_NEIGHBOURS) &&
    (isInteger(value.shown, 1, MOST_SHOWN) || isList(value.shown, isPlace, MOST_SHOWN)),
  duplicates: (value) =>
    isDrawn(value) &&
    isInteger(value.batch, 2, 1_000_000) &&
    isInteger(value.batches, 1, 10_000) &&
    (value.threshold === null || (isNumber(value.threshold) && value.threshold > 0)),
  modes: (value) =>
    isCompared(value) && isInteger(value.k, 2, MOST_KINDS) && isInteger(value.shown, 1, MOST_SHOWN),
  artifacts: (value) =>
    isCompared(value) &&
    isName(value.layer) &&
    isInteger(value.top, 2, 1000) &&
    isInteger(value.worst, 0, 10_000) &&
    isInteger(value.random, 0, 1000),
};

export function isLookKind(value: unknown): value is LookKind {
  return isOneOf(value, ['neighbours', 'duplicates', 'modes', 'artifacts']);
}

export function isLookQuestion(value: unknown): value is LookQuestion {
  return (
    isObject(value) &&
    isLookKind(value.kind) &&
    isObject(value.settings) &&
    WISHES[value.kind](value.settings)
  );
}

/** Pictures of the reference are asked for by the answer that names them. */
export function isReferencePicturesRequest(value: unknown): boolean {
  return (
    isObject(value) &&
    isLookKind(value.kind) &&
    isPlaces(value.rows) &&
    value.rows.length <= 4096 &&
    isInteger(value.maxSide, 1, 16_384)
  );
}

/** What every answer says of itself. */
function isAnswer(value: unknown, kind: LookKind): value is Unknown {
  return (
    isObject(value) &&
    value.schema === 1 &&
    isObject(value.model) &&
    isText(value.model.file) &&
    isText(value.model.sha256) &&
    isObject(value.extractor) &&
    isText(value.extractor.sha256) &&
    (kind === 'duplicates' || (isObject(value.reference) && isPlace(value.reference.count))) &&
    isObject(value.settings) &&
    WISHES[kind](value.settings) &&
    isObject(value.settings.extractor) &&
    (kind === 'duplicates' || isText(value.settings.reference)) &&
    isList(value.warnings, isText, LONGEST)
  );
}

const isPair = (value: unknown): boolean => isList(value, isNumber, 2) && value.length === 2;
const isRange = (value: unknown): boolean => value === null || isPair(value);

type Real = LookAnswers['neighbours']['rows'][number]['features'][number];

const isReal = (value: unknown): value is Real =>
  isObject(value) && isPlace(value.index) && isText(value.file) && isNumber(value.distance);

function isRow(value: unknown): value is LookAnswers['neighbours']['rows'][number] {
  return (
    isObject(value) &&
    isPlace(value.place) &&
    isNumber(value.ratio) &&
    isList(value.features, isReal, MOST_NEIGHBOURS) &&
    isList(value.pixels, isReal, MOST_NEIGHBOURS) &&
    isObject(value.shifted) &&
    isReal(value.shifted.byFeatures) &&
    isReal(value.shifted.byPixels) &&
    isText(value.shifted.file)
  );
}

function isMode(value: unknown): value is LookAnswers['modes']['modes'][number] {
  return (
    isObject(value) &&
    [value.cell, value.real, value.made, value.p].every(isNumber) &&
    isOneOf(value.verdict, ['missing', 'rare', 'frequent', 'even']) &&
    (value.label === null || isNumber(value.label)) &&
    isPlaces(value.realPlaces) &&
    isPlaces(value.madePlaces)
  );
}

const isStrange = (value: unknown): value is LookAnswers['modes']['strange'][number] =>
  isObject(value) && isPlace(value.place) && isNumber(value.realism);

function isClosest(value: unknown): value is LookAnswers['duplicates']['pairs'][number] {
  return isObject(value) && isPlace(value.batch) && isPair(value.places) && isNumber(value.distance);
}

function isArtifactUnit(value: unknown): value is LookAnswers['artifacts']['units'][number] {
  return (
    isObject(value) &&
    isUnit(value.unit) &&
    [value.distance, value.z, value.p].every(isNumber) &&
    isPlaces(value.places)
  );
}

const isRandomSet = (
  value: unknown,
): value is NonNullable<LookAnswers['artifacts']['ablated']>['random'][number] =>
  isObject(value) && isUnits(value.units) && isNumber(value.change);

const isAblated = (value: unknown): boolean =>
  isObject(value) &&
  isUnits(value.units) &&
  isNumber(value.before) &&
  isNumber(value.change) &&
  isRange(value.interval) &&
  isList(value.random, isRandomSet, 1000) &&
  typeof value.alarm === 'boolean';

const isCopied = (value: unknown): boolean =>
  isObject(value) &&
  isNumber(value.share) &&
  isNumber(value.ct) &&
  isRange(value.interval) &&
  isRange(value.ctInterval) &&
  typeof value.alarm === 'boolean';

/** Whether what lies on disk is an answer of this kind that this version reads. */
export const LOOK_ANSWERS: { readonly [K in LookKind]: (value: unknown) => value is LookAnswers[K] } = {
  neighbours: (value): value is LookAnswers['neighbours'] =>
    isAnswer(value, 'neighbours') &&
    isObject(value.compared) &&
    isList(value.rows, isRow, MOST_SHOWN) &&
    (value.copied === null || isCopied(value.copied)),
  duplicates: (value): value is LookAnswers['duplicates'] =>
    isAnswer(value, 'duplicates') && isList(value.pairs, isClosest, 10_000),
  modes: (value): value is LookAnswers['modes'] =>
    isAnswer(value, 'modes') &&
    isList(value.modes, isMode, MOST_KINDS) &&
    isList(value.strange, isStrange, MOST_SHOWN),
  artifacts: (value): value is LookAnswers['artifacts'] =>
    isAnswer(value, 'artifacts') &&
    isText(value.layer) &&
    isNumber(value.usual) &&
    isList(value.units, isArtifactUnit, MOST_UNITS) &&
    (value.ablated === null || isAblated(value.ablated)),
};

/** Checks of what a page sends. A page is ours, but it is also the place where a stranger's script would sit. */

import { isLookQuestion, isReferencePicturesRequest } from './checks/lookGuards.ts';
import {
  isEditCodeTarget,
  isEditedSampleRequest,
  isEditFile,
  isEditTarget,
  isUnitValuesRequest,
} from './edits/editGuards.ts';
import { isEffectQuestion } from './effects/effectGuards.ts';
import type { InputRole, OutputRole, Roles } from './generator/roles.ts';
import {
  isInteger,
  isList,
  isNumber,
  isObject,
  isOneOf,
  isRecord,
  MAX_COUNT,
  type Unknown,
} from './kernel/checks.ts';
import { GenscopeError } from './kernel/errors.ts';
import { isInnerPath } from './kernel/paths.ts';
import type { CopyTarget, PageMethod, PageParams, SaveTarget, TranslationWay } from './pageProtocol.ts';
import { isLatentPlan } from './samples/planGuards.ts';
import { isRunIds, isScoreQuestion, isScoreWish, isScoringChoice } from './scores/scoringGuards.ts';
import {
  isActivityRequest,
  isDissectSettings,
  isSegmentationRequest,
  isUnitPicturesRequest,
  isUnitsAtRequest,
} from './units/dissectionGuards.ts';

/** Rows of pictures that a page can show at once. */
const MOST_TRANSLATED = 256;
/** σ in pixels: beyond this nothing but colours is left. */
const MOST_BLUR = 20;
const WAYS: readonly TranslationWay[] = ['forth', 'back'];

function isInputRole(value: unknown): value is InputRole {
  if (!isObject(value)) return false;
  if (value.role === 'class')
    return isOneOf(value.encoding, ['onehot', 'index']) && isInteger(value.classes, 1, 1e6);
  if (value.role === 'constant') return isNumber(value.value);
  if (value.role === 'latent') return value.space === undefined || isOneOf(value.space, ['z', 'w', 'w+']);
  if (value.role === 'embedding') return value.file === undefined || isInnerPath(value.file);
  if (value.role === 'codes') return isInteger(value.entries, 1, 1e9);
  if (value.role === 'image' || value.role === 'mask') return isImageRole(value);
  if (value.role === 'labelMap')
    return isOneOf(value.layout, ['NCHW', 'NHWC']) && isInteger(value.classes, 2, 256);
  return isOneOf(value.role, ['truncation', 'noise', 'other']);
}

function isImageRole(value: Unknown): boolean {
  return (
    isOneOf(value.layout, ['NCHW', 'NHWC']) &&
    isList(value.range, isNumber, 2) &&
    value.range.length === 2 &&
    value.range[0] !== value.range[1] &&
    (value.size === undefined || isPictureSize(value.size))
  );
}

function isPictureSize(value: unknown): boolean {
  return isObject(value) && isInteger(value.width, 1, 65_536) && isInteger(value.height, 1, 65_536);
}

function isOutputRole(value: unknown): value is OutputRole {
  if (!isObject(value)) return false;
  if (value.role === 'other') return true;
  return value.role === 'image' && isImageRole(value);
}

export function isRoles(value: unknown): value is Roles {
  return isObject(value) && isRecord(value.inputs, isInputRole) && isRecord(value.outputs, isOutputRole);
}

function isSaveTarget(value: unknown): value is SaveTarget {
  if (
    !isObject(value) ||
    typeof value.name !== 'string' ||
    value.name.length > 200 ||
    !isLatentPlan(value.plan)
  )
    return false;
  if (value.what === 'sample') return true;
  if (value.what === 'grid') return isInteger(value.columns, 1, 1000);
  if (value.what === 'animation') return isOneOf(value.format, ['gif', 'webp']);
  return value.what === 'samples' && isOneOf(value.images, ['png', 'npy']);
}

function isCopyTarget(value: unknown): value is CopyTarget {
  if (!isObject(value)) return false;
  if (value.what === 'latent') return isLatentPlan(value.plan);
  if (value.what === 'editCode') return isEditCodeTarget(value);
  return value.what === 'exportCode';
}

/** A translation is asked for by place and number: which files these are, the host knows. */
function isTranslationRequest(value: unknown): boolean {
  return (
    isObject(value) &&
    isOneOf(value.way, WAYS) &&
    isInteger(value.first, 0, MAX_COUNT) &&
    isInteger(value.count, 1, MOST_TRANSLATED) &&
    isNumber(value.blur) &&
    value.blur >= 0 &&
    value.blur <= MOST_BLUR &&
    isInteger(value.maxSide, 1, 16_384) &&
    typeof value.stamp === 'string'
  );
}

const NOTHING = (value: unknown): boolean => isObject(value);
const WITH_ID = (value: unknown): boolean => isObject(value) && typeof value.id === 'string';

const PAGE_GUARDS: { readonly [M in PageMethod]: (value: unknown) => boolean } = {
  init: NOTHING,
  describe: (value) => isObject(value) && isOneOf(value.depth, ['quick', 'full']),
  sample: (value) =>
    isObject(value) &&
    isLatentPlan(value.plan) &&
    isInteger(value.maxSide, 1, 16_384) &&
    typeof value.stamp === 'string',
  chooseEmbedding: (value) =>
    isObject(value) && typeof value.input === 'string' && value.input.length <= 1000,
  translationSetup: NOTHING,
  chooseTranslation: (value) =>
    isObject(value) &&
    isOneOf(value.what, ['folder', 'files', 'second', 'noSecond']) &&
    isOneOf(value.way, WAYS),
  translate: isTranslationRequest,
  dissectionSetup: NOTHING,
  chooseSegmenter: (value) => isObject(value) && isOneOf(value.what, ['demo', 'folder', 'hub']),
  dissection: NOTHING,
  startDissection: (value) => isObject(value) && isDissectSettings(value.settings),
  exportReport: NOTHING,
  activity: isActivityRequest,
  unitPictures: isUnitPicturesRequest,
  segmentation: isSegmentationRequest,
  unitsAt: isUnitsAtRequest,
  editedSample: isEditedSampleRequest,
  unitValues: isUnitValuesRequest,
  effects: NOTHING,
  startEffect: (value) => isObject(value) && isEffectQuestion(value.question),
  scoringSetup: NOTHING,
  chooseScoring: (value) => isObject(value) && isScoringChoice(value.choice),
  scoring: NOTHING,
  trialScores: (value) => isObject(value) && isScoreQuestion(value.question),
  startScores: (value) => isObject(value) && isScoreQuestion(value.question),
  forgetScores: (value) => isObject(value) && isRunIds(value.ids),
  copyScores: (value) =>
    isObject(value) && isRunIds(value.ids) && isOneOf(value.format, ['markdown', 'latex', 'csv', 'json']),
  looks: NOTHING,
  startLook: (value) => isObject(value) && isLookQuestion(value.question) && isScoreWish(value.wish),
  referencePictures: isReferencePicturesRequest,
  editLibrary: NOTHING,
  keepEdit: (value) => isObject(value) && isEditFile(value.file),
  openEdit: NOTHING,
  saveEdit: (value) => isObject(value) && isEditTarget(value.target),
  answerRoles: (value) => isObject(value) && isRoles(value.roles),
  save: isSaveTarget,
  copy: isCopyTarget,
  nextStep: (value) => isObject(value) && typeof value.step === 'string',
  jobs: NOTHING,
  cancelJob: WITH_ID,
  revealJob: WITH_ID,
};

/** @throws GenscopeError `input.invalid` when the parameters are not what the method takes */
export function checkPageParams<M extends PageMethod>(method: M, params: unknown): PageParams<M> {
  if (PAGE_GUARDS[method](params)) return params as PageParams<M>;
  throw new GenscopeError(
    'input.invalid',
    `The panel sent a request (${method}) that makes no sense.`,
    'Reload the window.',
    {
      next: ['showLog'],
      detail: JSON.stringify(params)?.slice(0, 500),
    },
  );
}

/** Checks of what a page sends. A page is ours, but it is also the place where a stranger's script would sit. */
import { GenscopeError } from './errors.ts';
import type { LatentKey, LatentPlan, LatentSource, Truncation } from './latents.ts';
import type { CopyTarget, PageMethod, PageParams, SaveTarget, TranslationWay } from './pageProtocol.ts';
import { isInnerPath } from './paths.ts';
import type { InputRole, OutputRole, Roles } from './roles.ts';

type Unknown = Readonly<Record<string, unknown>>;

const MAX_SEED = 2 ** 32 - 1;
/** More samples than this in one request is a mistake, not a wish: it would run for days. */
const MAX_COUNT = 10_000_000;

/** Rows of pictures that a page can show at once. */
const MOST_TRANSLATED = 256;
/** σ in pixels: beyond this nothing but colours is left. */
const MOST_BLUR = 20;
const WAYS: readonly TranslationWay[] = ['forth', 'back'];

const isObject = (value: unknown): value is Unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isInteger = (value: unknown, low: number, high: number): value is number =>
  isNumber(value) && Number.isInteger(value) && value >= low && value <= high;
const isOneOf = <T extends string>(value: unknown, options: readonly T[]): value is T =>
  options.includes(value as T);
const isList = <T>(value: unknown, item: (entry: unknown) => entry is T, most: number): value is T[] =>
  Array.isArray(value) && value.length <= most && value.every(item);
const isRecord = <T>(value: unknown, item: (entry: unknown) => entry is T): value is Record<string, T> =>
  isObject(value) && Object.values(value).every(item);

function isTruncation(value: unknown): value is Truncation {
  if (!isObject(value)) return false;
  if (value.mode === 'none') return true;
  if (value.mode === 'resample') return isNumber(value.threshold) && value.threshold > 0;
  if (value.mode === 'truncnorm') return isNumber(value.scale) && value.scale >= 0;
  if (value.mode === 'psi') return isNumber(value.psi);
  return value.mode === 'input' && isNumber(value.value);
}

export function isLatentSource(value: unknown): value is LatentSource {
  return (
    isObject(value) &&
    isOneOf(value.rng, ['numpy', 'torch']) &&
    isOneOf(value.layout, ['each', 'stream']) &&
    isOneOf(value.distribution, ['normal', 'uniform', 'uniform01']) &&
    isTruncation(value.truncation)
  );
}

export function isLatentKey(value: unknown): value is LatentKey {
  return (
    isObject(value) &&
    isInteger(value.seed, 0, MAX_SEED) &&
    (value.classIndex === null || isInteger(value.classIndex, 0, 1e6))
  );
}

export function isLatentPlan(value: unknown): value is LatentPlan {
  if (!isObject(value) || !isLatentSource(value.source)) return false;
  switch (value.kind) {
    case 'seeds':
      return (
        isInteger(value.seed, 0, MAX_SEED) &&
        isInteger(value.count, 1, MAX_COUNT) &&
        (value.classes === 'all' || isInteger(value.classes, 0, 1e6))
      );
    case 'picks':
      return (
        isLatentPlan({ ...value, kind: 'seeds' }) &&
        isList(value.indices, (index): index is number => isInteger(index, 0, MAX_COUNT), 4096)
      );
    case 'path':
      return (
        isList(value.keys, isLatentKey, 1000) &&
        value.keys.length >= 1 &&
        isInteger(value.steps, 1, 100_000) &&
        isOneOf(value.method, ['slerp', 'lerp']) &&
        typeof value.loop === 'boolean'
      );
    case 'grid':
      return (
        isList(value.corners, isLatentKey, 4) &&
        value.corners.length === 4 &&
        isInteger(value.rows, 1, 256) &&
        isInteger(value.columns, 1, 256) &&
        isOneOf(value.method, ['slerp', 'lerp'])
      );
    default:
      return false;
  }
}

function isInputRole(value: unknown): value is InputRole {
  if (!isObject(value)) return false;
  if (value.role === 'class')
    return isOneOf(value.encoding, ['onehot', 'index']) && isInteger(value.classes, 1, 1e6);
  if (value.role === 'constant') return isNumber(value.value);
  if (value.role === 'latent') return value.space === undefined || isOneOf(value.space, ['z', 'w', 'w+']);
  if (value.role === 'embedding') return value.file === undefined || isInnerPath(value.file);
  if (value.role === 'codes') return isInteger(value.entries, 1, 1e9);
  if (value.role === 'image') return isImageRole(value);
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
  return (
    isObject(value) && (value.what === 'exportCode' || (value.what === 'latent' && isLatentPlan(value.plan)))
  );
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

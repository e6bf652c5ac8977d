/** What of the looks behind the numbers is on show, and what the next one is asked with. Pure. */
import { LEAST_BATCHES } from '../../src/shared/checks/birthday.ts';
import { LOOK_KINDS } from '../../src/shared/checks/lookRequests.ts';
import type { LooksView, PairAnswers } from '../../src/shared/pageProtocol.ts';

export const PICTURE_SIDES = [48, 64, 112] as const;
export const ROW_CHOICES = [6, 12, 24, 48] as const;
/** Whole numbers that a person may set, each with its range. */
export const LOOK_RANGES = {
  neighbours: { min: 1, max: 8 },
  batch: { min: 2, max: 10_000 },
  // Each is a pair, or a dozen, of pictures on the page; the command line goes further.
  batches: { min: 1, max: 100 },
  kinds: { min: 2, max: 100 },
  top: { min: 2, max: 200 },
  worst: { min: 0, max: 100 },
  random: { min: 0, max: 50 },
} as const;

export type LookNumber = keyof typeof LOOK_RANGES;

/** As the command line has them. */
export const DEFAULT_LOOKS: LooksView = {
  ...{ shown: 'neighbours', side: 64, which: 'suspicious', neighbours: 4, rows: 12 },
  ...{ batch: 100, batches: LEAST_BATCHES, threshold: null, answers: null },
  ...{ kinds: 20, everyKind: false, layer: null, top: 25, worst: 5, random: 5 },
};

/** What was kept; a field that does not hold is replaced by its default. */
export function readLooks(kept: unknown, model: string): LooksView {
  const fields = isFields(kept) && kept.schema === 1 && kept.model === model ? kept.looks : null;
  if (!isFields(fields)) return DEFAULT_LOOKS;
  const number = (name: LookNumber) => {
    const { min, max } = LOOK_RANGES[name];
    return isWhole(fields[name], min, max) ? fields[name] : DEFAULT_LOOKS[name];
  };
  const { threshold, layer } = fields;
  return {
    shown: oneOf(fields.shown, LOOK_KINDS, DEFAULT_LOOKS.shown),
    side: oneOf(fields.side, PICTURE_SIDES, DEFAULT_LOOKS.side),
    which: oneOf(fields.which, ['suspicious', 'onShow'], DEFAULT_LOOKS.which),
    neighbours: number('neighbours'),
    rows: oneOf(fields.rows, ROW_CHOICES, DEFAULT_LOOKS.rows),
    batch: number('batch'),
    batches: number('batches'),
    threshold: typeof threshold === 'number' && threshold > 0 && threshold < 1e9 ? threshold : null,
    answers: readAnswers(fields.answers),
    kinds: number('kinds'),
    everyKind: fields.everyKind === true,
    layer: typeof layer === 'string' ? layer : null,
    top: number('top'),
    worst: number('worst'),
    random: number('random'),
  };
}

function readAnswers(kept: unknown): PairAnswers | null {
  if (!isFields(kept) || typeof kept.of !== 'string') return null;
  const { same, different } = kept;
  if (!isBatches(same) || !isBatches(different)) return null;
  return { of: kept.of, same, different: different.filter((batch) => !same.includes(batch)) };
}

function isBatches(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= 10_000 && value.every((one) => isWhole(one, 0, 1e6));
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

function oneOf<T>(value: unknown, allowed: readonly T[], otherwise: T): T {
  return allowed.includes(value as T) ? (value as T) : otherwise;
}

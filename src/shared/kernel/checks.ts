/** What guards of data from elsewhere are made of. */
export type Unknown = Readonly<Record<string, unknown>>;

export const MAX_SEED = 2 ** 32 - 1;
/** More samples than this in one request is a mistake, not a wish: it would run for days. */
export const MAX_COUNT = 10_000_000;

export const isObject = (value: unknown): value is Unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value);
export const isInteger = (value: unknown, low: number, high: number): value is number =>
  isNumber(value) && Number.isInteger(value) && value >= low && value <= high;
export const isShare = (value: unknown): value is number => isNumber(value) && value >= 0 && value <= 1;
export const isOneOf = <T extends string>(value: unknown, options: readonly T[]): value is T =>
  options.includes(value as T);
export const isList = <T>(value: unknown, item: (entry: unknown) => entry is T, most: number): value is T[] =>
  Array.isArray(value) && value.length <= most && value.every(item);
export const isRecord = <T>(
  value: unknown,
  item: (entry: unknown) => entry is T,
): value is Record<string, T> => isObject(value) && Object.values(value).every(item);

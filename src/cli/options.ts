/** Reading the command line: every wrong value is one clear line that names the option and what it takes. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { GenscopeError } from '../shared/kernel/errors.ts';

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed<T extends Options> = ReturnType<
  typeof parseArgs<{ options: T; allowPositionals: true; strict: true }>
>;

export function badOption(message: string): GenscopeError {
  return new GenscopeError('input.invalid', message, 'See genscope --help.');
}

export function parse<T extends Options>(argv: readonly string[], options: T): Parsed<T> {
  try {
    return parseArgs({ args: withNegatives(argv), options, allowPositionals: true, strict: true });
  } catch (thrown) {
    const [sentence] = (thrown instanceof Error ? thrown.message : String(thrown)).split(/\.(?:\s|$)|\n/);
    throw badOption(`${sentence}.`);
  }
}

/** `--from -1` as `--from=-1`: Node takes what begins with a dash for an option. */
function withNegatives(argv: readonly string[]): string[] {
  const args: string[] = [];
  for (const word of argv) {
    const last = args.at(-1);
    if (/^-[\d.]/.test(word) && last?.startsWith('--') && !last.includes('='))
      args[args.length - 1] = `${last}=${word}`;
    else args.push(word);
  }
  return args;
}

/** The one MODEL argument. */
export function modelArgument(positionals: readonly string[], command: string): string {
  const [model, extra] = positionals;
  if (model === undefined) throw badOption(`genscope ${command} needs a model: genscope ${command} MODEL.`);
  if (extra !== undefined)
    throw badOption(`genscope ${command} takes one model; “${extra}” is one too many.`);
  return model;
}

export function wholeNumber(
  value: string | undefined,
  option: string,
  fallback: number,
  low: number,
  high: number,
): number {
  if (value === undefined) return fallback;
  const number = Number(value);
  if (value.trim() === '' || !Number.isInteger(number) || number < low || number > high) {
    throw badOption(`--${option} takes a whole number from ${low} to ${high}, not “${value}”.`);
  }
  return number;
}

export function positiveNumber(value: string, option: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number) || number < 0)
    throw badOption(`--${option} takes a number above 0, not “${value}”.`);
  return number;
}

export function someNumber(value: string | undefined, option: string, fallback: number): number {
  if (value === undefined) return fallback;
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number))
    throw badOption(`--${option} takes a number, not “${value}”.`);
  return number;
}

export function oneOf<T extends string>(
  value: string | undefined,
  option: string,
  allowed: readonly T[],
  fallback: T,
): T {
  if (value === undefined) return fallback;
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw badOption(`--${option} takes ${allowed.join(' or ')}, not “${value}”.`);
  return found;
}

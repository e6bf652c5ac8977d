/** Features and statistics from files: pytorch-fid's and clean-fid's `.npz`, our own, plain `.npy`. */
import path from 'node:path';
import type { Matrix, Side, Statistics } from '../../algorithms/scores/types.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { ExtractorDescription } from '../../shared/scores/scores.ts';
import type { NpyArray } from '../files/npyArray.ts';
import { readNpy } from '../files/npyReader.ts';
import { NpzArchive } from '../files/npz.ts';
import { CLASSES, FEATURES, NAMELESS, STATISTICS } from '../pictures/arrayNames.ts';
import { readClasses } from '../pictures/classArrays.ts';
import { hashFile } from '../pictures/hashFile.ts';
import { pictureArrays } from '../pictures/stackSource.ts';
import { checkProvenance, type Provenance, readProvenance } from './provenance.ts';

export interface ArraysSide {
  readonly kind: 'statistics' | 'features';
  readonly side: Side;
  readonly count: number;
  readonly sha256: string;
  readonly made: Provenance | null;
  readonly warnings: readonly string[];
}

/**
 * @param extractor what they have to fit; null: they stand for themselves
 * @throws GenscopeError `reference.invalid` for wrong shapes and numbers that are none, `reference.mismatch`
 */
export async function readArraysSide(
  file: string,
  extractor: ExtractorDescription | null,
): Promise<ArraysSide> {
  const found = file.toLowerCase().endsWith('.npy') ? await readNpyFile(file) : await readNpz(file);
  const name = path.basename(file);
  const size = found.side.features?.columns ?? found.side.statistics?.size ?? 0;
  if (extractor !== null && size !== extractor.features)
    throw new GenscopeError(
      'reference.mismatch',
      `${name} has features of ${size} numbers, but ${extractor.name} gives ${extractor.features}.`,
      'Choose the extractor that it was made with.',
    );
  return { ...found, warnings: [...found.warnings, ...checkProvenance(name, found.made, extractor)] };
}

async function readNpyFile(file: string): Promise<ArraysSide> {
  const name = path.basename(file);
  const features = matrixOf(
    asReference(name, () => readNpy(file, 'float32')),
    name,
  );
  const side = { features, statistics: null, logits: null, labels: null };
  const sha256 = await hashFile(file);
  return { kind: 'features', side, count: features.rows, sha256, made: null, warnings: [] };
}

async function readNpz(file: string): Promise<ArraysSide> {
  const name = path.basename(file);
  const npz = await NpzArchive.open(file).catch((thrown: unknown) => {
    throw asInvalid(name, thrown);
  });
  try {
    const common = { made: await readProvenance(npz), sha256: await hashFile(file) };
    const key = await featuresIn(npz);
    if (key !== null) {
      const warnings = key.guessed ? [`${name}: “${key.name}” is taken for the features.`] : [];
      const features = matrixOf(await npz.read(key.name, 'float32'), `${name}: ${key.name}`);
      const logits = npz.names.includes('logits')
        ? matrixOf(await npz.read('logits', 'float32'), `${name}: logits`, features.rows)
        : null;
      const labels = await readClasses(npz, CLASSES, features.rows, warnings);
      const side = { features, statistics: null, logits, labels };
      return { kind: 'features', side, count: features.rows, ...common, warnings };
    }
    if (!hasStatistics(npz))
      throw invalid(
        `${name} holds ${npz.names.join(', ') || 'no arrays'}, but neither mu and sigma nor features nor pictures`,
      );
    const statistics = await statisticsOf(npz, name);
    const side = { features: null, statistics, logits: null, labels: null };
    const warnings = await unusedWarning(npz, name);
    return { kind: 'statistics', side, count: statistics.n ?? 0, ...common, warnings };
  } catch (thrown) {
    throw asInvalid(name, thrown);
  } finally {
    npz.close();
  }
}

function hasStatistics(npz: NpzArchive): boolean {
  return STATISTICS.every((name) => npz.names.includes(name));
}

/** By their name; else, without statistics, the nameless array or the only one that holds rows of floats. */
async function featuresIn(npz: NpzArchive): Promise<{ name: string; guessed: boolean } | null> {
  const known = FEATURES.find((name) => npz.names.includes(name));
  if (known !== undefined) return { name: known, guessed: false };
  if (hasStatistics(npz)) return null;
  if (npz.names.includes(NAMELESS)) return { name: NAMELESS, guessed: false };
  const rows: string[] = [];
  for (const name of npz.names)
    if (!['mu', 'sigma', 'logits'].includes(name) && (await isRows(npz, name))) rows.push(name);
  return rows.length === 1 ? { name: rows[0] as string, guessed: true } : null;
}

async function isRows(npz: NpzArchive, name: string): Promise<boolean> {
  try {
    const { descr, shape } = await npz.header(name);
    return /^[<>=]f[248]$/.test(descr) && shape.length === 2 && shape.every((size) => size > 1);
  } catch {
    // What it is, is not known: no rows that could be meant.
    return false;
  }
}

/** Statistics go before whatever else might have been meant, and it is said. */
async function unusedWarning(npz: NpzArchive, name: string): Promise<string[]> {
  const stacks = Object.entries(await pictureArrays(npz)).map(
    ([array, { count, width, height }]) =>
      `${count.toLocaleString('en')} pictures of ${width}×${height} (${array})`,
  );
  const rows = stacks.length === 0 && npz.names.includes(NAMELESS) ? [NAMELESS] : [];
  const others = [...stacks, ...rows];
  return others.length === 0
    ? []
    : [`${name} holds mu and sigma, and ${others.join(', ')}: the statistics mu and sigma are used.`];
}

async function statisticsOf(npz: NpzArchive, name: string): Promise<Statistics> {
  const mu = await npz.read('mu');
  const size = mu.values.length;
  // Before its numbers are read: sigma has the square of them.
  const { shape } = await npz.header('sigma');
  if (shape.length !== 2 || shape[0] !== size || shape[1] !== size)
    throw invalid(
      `sigma in ${name} is [${shape.join(', ')}]; with mu of ${size} numbers it is [${size}, ${size}]`,
    );
  const sigma = await npz.read('sigma');
  if (mu.shape.filter((axis) => axis !== 1).length > 1 || size === 0)
    throw invalid(`mu in ${name} is [${mu.shape.join(', ')}], not a row of numbers`);
  for (const [what, { values }] of [['mu', mu] as const, ['sigma', sigma] as const])
    if (!values.every(Number.isFinite)) throw invalid(`${what} in ${name} holds numbers that are none (NaN)`);
  const n = npz.names.includes('n') ? (await npz.read('n')).values[0] : undefined;
  if (n !== undefined && !(Number.isFinite(n) && n >= 0 && n <= MOST_COUNT))
    throw invalid(`n in ${name} is ${n}, which is no number of pictures`);
  return {
    size,
    mean: doubles(mu.values),
    covariance: doubles(sigma.values),
    n: n === undefined ? null : Math.round(n),
  };
}

function doubles(values: NpyArray['values']): Float64Array {
  return values instanceof Float64Array ? values : Float64Array.from(values);
}

/** Numbers that float32 cannot hold, by NumPy's letter and width. */
const WIDE_NUMBERS: Readonly<Record<string, string>> = {
  f8: 'float64',
  i4: 'int32',
  u4: 'uint32',
  i8: 'int64',
  u8: 'uint64',
};

/** @param rows how many it has to have */
function matrixOf({ descr, shape, values, isRounded }: NpyArray, what: string, rows?: number): Matrix {
  // Features straight from a network may keep axes of one place: [N, d, 1, 1].
  const axes = shape.slice(0, 2);
  const rest = shape.slice(2).reduce((a, b) => a * b, 1);
  const [n = 0, columns = 0] = axes;
  if (axes.length !== 2 || rest !== 1 || n === 0 || columns === 0)
    throw invalid(`${what} is [${shape.join(', ')}], not rows of numbers [N, d]`);
  if (rows !== undefined && n !== rows) throw invalid(`${what} has ${n} rows, the features ${rows}`);
  const floats = values instanceof Float32Array ? values : Float32Array.from(values);
  for (let i = 0; i < floats.length; i++)
    if (!Number.isFinite(floats[i]))
      throw invalid(`row ${Math.floor(i / columns)} of ${what} has a number that is none (${floats[i]})`);
  return {
    rows: n,
    columns,
    values: floats,
    roundedFrom: isRounded ? WIDE_NUMBERS[descr.slice(1)] : undefined,
  };
}

function asReference<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw asInvalid(name, thrown);
  }
}

function asInvalid(name: string, thrown: unknown): unknown {
  if (!(thrown instanceof GenscopeError) || thrown.code !== 'input.invalid') return thrown;
  return new GenscopeError('reference.invalid', thrown.message, ADVICE, {
    detail: `${name}: ${thrown.detail ?? thrown.message}`,
  });
}

/** More pictures than there are: a count that overflows what follows it. */
const MOST_COUNT = 2 ** 40;

const ADVICE =
  'Make it with `genscope stats` or `genscope features`, or with pytorch-fid: numpy.savez(file, mu=mean, sigma=covariance).';

function invalid(says: string): GenscopeError {
  return new GenscopeError('reference.invalid', `${says}.`, ADVICE);
}

/** Features and statistics from files: pytorch-fid's and clean-fid's `.npz`, our own, plain `.npy`. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Matrix, Side, Statistics } from '../../algorithms/scores/types.ts';
import { GenscopeError } from '../../shared/errors.ts';
import type { ExtractorDescription } from '../../shared/scores.ts';
import { type NpyArray, parseNpy } from '../runtime/npyArray.ts';
import { NpzArchive } from '../runtime/npz.ts';
import { checkProvenance, type Provenance, readProvenance } from './provenance.ts';

export interface ArraysSide {
  readonly kind: 'statistics' | 'features';
  readonly side: Side;
  readonly count: number;
  readonly sha256: string;
  readonly made: Provenance | null;
  readonly warnings: readonly string[];
}

/** What others call them (StyleGAN scripts, prdc, dgm-eval, plain numpy.savez). */
const FEATURES = ['features', 'feats', 'activations', 'act', 'pool_3', 'arr_0'];

/**
 * @param extractor what they have to fit; null: they stand for themselves
 * @throws GenscopeError `reference.invalid` for wrong shapes and numbers that are none, `reference.mismatch`
 */
export async function readArraysSide(
  file: string,
  extractor: ExtractorDescription | null,
): Promise<ArraysSide> {
  const found = file.toLowerCase().endsWith('.npy') ? await readNpy(file) : await readNpz(file);
  const name = path.basename(file);
  const size = found.side.features?.columns ?? found.side.statistics?.size ?? 0;
  if (extractor !== null && size !== extractor.features)
    throw new GenscopeError(
      'reference.mismatch',
      `${name} has features of ${size} numbers, but ${extractor.name} gives ${extractor.features}.`,
      'Choose the extractor that it was made with.',
    );
  return { ...found, warnings: checkProvenance(name, found.made, extractor) };
}

type Found = Omit<ArraysSide, 'warnings'>;

async function readNpy(file: string): Promise<Found> {
  const bytes = readBytes(file);
  const name = path.basename(file);
  const features = matrixOf(
    asReference(name, () => parseNpy(bytes, name)),
    name,
  );
  const side = { features, statistics: null, logits: null, labels: null };
  return { kind: 'features', side, count: features.rows, sha256: hashOf(file), made: null };
}

async function readNpz(file: string): Promise<Found> {
  const name = path.basename(file);
  const npz = await NpzArchive.open(file).catch((thrown: unknown) => {
    throw asInvalid(name, thrown);
  });
  try {
    const made = await readProvenance(npz);
    const sha256 = hashOf(file);
    const key = FEATURES.find((candidate) => npz.names.includes(candidate));
    if (key !== undefined) {
      const features = matrixOf(await npz.read(key), `${name}: ${key}`);
      const logits = npz.names.includes('logits')
        ? matrixOf(await npz.read('logits'), `${name}: logits`, features.rows)
        : null;
      const labels = npz.names.includes('labels') ? labelsOf(await npz.read('labels'), features.rows) : null;
      const side = { features, statistics: null, logits, labels };
      return { kind: 'features', side, count: features.rows, sha256, made };
    }
    if (!npz.names.includes('mu') || !npz.names.includes('sigma'))
      throw invalid(
        `${name} holds ${npz.names.join(', ') || 'no arrays'}, but neither mu and sigma nor features`,
      );
    const statistics = await statisticsOf(npz, name);
    const side = { features: null, statistics, logits: null, labels: null };
    return { kind: 'statistics', side, count: statistics.n ?? 0, sha256, made };
  } catch (thrown) {
    throw asInvalid(name, thrown);
  } finally {
    npz.close();
  }
}

async function statisticsOf(npz: NpzArchive, name: string): Promise<Statistics> {
  const mu = await npz.read('mu');
  const sigma = await npz.read('sigma');
  const size = mu.values.length;
  if (mu.shape.filter((axis) => axis !== 1).length > 1 || size === 0)
    throw invalid(`mu in ${name} is [${mu.shape.join(', ')}], not a row of numbers`);
  if (sigma.shape.length !== 2 || sigma.shape[0] !== size || sigma.shape[1] !== size)
    throw invalid(
      `sigma in ${name} is [${sigma.shape.join(', ')}]; with mu of ${size} numbers it is [${size}, ${size}]`,
    );
  for (const [what, { values }] of [['mu', mu] as const, ['sigma', sigma] as const])
    if (!values.every(Number.isFinite)) throw invalid(`${what} in ${name} holds numbers that are none (NaN)`);
  const n = npz.names.includes('n') ? (await npz.read('n')).values[0] : undefined;
  return {
    size,
    mean: Float64Array.from(mu.values),
    covariance: Float64Array.from(sigma.values),
    n: n === undefined ? null : Math.round(n),
  };
}

/** @param rows how many it has to have */
function matrixOf({ shape, values }: NpyArray, what: string, rows?: number): Matrix {
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
  return { rows: n, columns, values: floats };
}

function labelsOf({ values }: NpyArray, rows: number): Int32Array | null {
  const labels = Int32Array.from(values);
  return labels.length === rows && labels.every((label) => label >= 0) ? labels : null;
}

function readBytes(file: string): Uint8Array<ArrayBuffer> {
  try {
    return fs.readFileSync(file);
  } catch (thrown) {
    throw invalid(`${path.basename(file)} could not be read (${(thrown as NodeJS.ErrnoException).code})`);
  }
}

function hashOf(file: string): string {
  const hash = createHash('sha256');
  const descriptor = fs.openSync(file, 'r');
  try {
    const slice = new Uint8Array(4 << 20);
    for (let got = 1; got > 0; ) {
      got = fs.readSync(descriptor, slice);
      hash.update(slice.subarray(0, got));
    }
  } finally {
    fs.closeSync(descriptor);
  }
  return hash.digest('hex');
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

const ADVICE =
  'Make it with `genscope stats` or `genscope features`, or with pytorch-fid: numpy.savez(file, mu=mean, sigma=covariance).';

function invalid(says: string): GenscopeError {
  return new GenscopeError('reference.invalid', `${says}.`, ADVICE);
}

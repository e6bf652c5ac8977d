/**
 * Parts of features or statistics, made on several machines, put together. Means and scatters merge exactly
 * (Chan, Golub & LeVeque 1979), so the result is what one machine would have written, up to rounding.
 */
import path from 'node:path';
import { Moments } from '../../algorithms/stats/moments.ts';
import { requireWritable } from '../../shared/files/atomic.ts';
import { asGenscopeError, GenscopeError } from '../../shared/kernel/errors.ts';
import type { WorkProgress } from '../../shared/protocol.ts';
import type { MergeParams, MergeResult } from '../../shared/scores/scores.ts';
import { NpzArchive, type NpzValue, writeNpz } from '../files/npz.ts';
import { throwIfCancelled } from '../kernel/queue.ts';
import { RuntimeAlgebra } from '../runtime/matmul.ts';
import { type PartOf, type Provenance, provenanceArrays, readPart, readProvenance } from './provenance.ts';
import { statisticsEntries } from './statistics.ts';

export interface MergeContext {
  readonly threads: number;
  readonly signal: AbortSignal;
  readonly report: (progress: WorkProgress) => void;
}

interface OpenPart {
  readonly name: string;
  readonly npz: NpzArchive;
  readonly part: PartOf;
  readonly made: Provenance;
}

/** Arrays with a row for each picture. */
const ROWS = ['features', 'logits', 'labels'] as const;

/**
 * @throws GenscopeError `input.invalid` for files that are no parts, parts of different wholes, twice the same part, or
 *   missing ones; `output.notWritable`
 */
export async function merge(
  { parts, out }: MergeParams,
  { threads, signal, report }: MergeContext,
): Promise<MergeResult> {
  const file = path.resolve(out);
  requireWritable(file);
  const opened: OpenPart[] = [];
  try {
    for (const given of parts) opened.push(await openPart(given));
    const ordered = inOrder(opened);
    const algebra = new RuntimeAlgebra(threads);
    try {
      let moments: Moments | null = null;
      let n = 0;
      const counts: number[] = [];
      for (const [i, { name, npz }] of ordered.entries()) {
        throwIfCancelled(signal);
        report({ done: i, total: ordered.length });
        const state = await momentsOf(npz, name);
        moments ??= new Moments(state.size, algebra);
        if (state.size !== moments.size)
          throw invalid(`${name} has features of another length (${state.size}).`);
        moments.merge(state);
        counts.push(state.n);
        n += state.n;
      }
      const [first] = ordered as [OpenPart];
      if (moments === null || n < 2) throw invalid('All parts together hold fewer than two pictures.');
      const rows = await rowsOf(ordered, counts, signal);
      const { size } = moments;
      await writeNpz(file, {
        ...statisticsEntries(size, moments.state.mean, moments.covariance(), n),
        ...rows,
        ...provenanceArrays(first.made),
      });
      report({ done: ordered.length, total: ordered.length });
      const complete = rows.features !== undefined;
      return { file, n, parts: ordered.length, extractor: first.made.extractor, rows: complete };
    } finally {
      await algebra.release();
    }
  } finally {
    for (const { npz } of opened) npz.close();
  }
}

async function openPart(given: string): Promise<OpenPart> {
  const name = path.basename(given);
  const npz = await NpzArchive.open(path.resolve(given)).catch((thrown: unknown) => {
    const { message, detail } = asGenscopeError(thrown);
    throw new GenscopeError('input.invalid', `${name} cannot be read: ${message}`, ADVICE, {
      ...(detail !== undefined && { detail }),
    });
  });
  let part: PartOf | null;
  let made: Provenance | null;
  try {
    [part, made] = [await readPart(npz), await readProvenance(npz)];
  } catch (thrown) {
    npz.close();
    throw thrown;
  }
  if (part !== null && made !== null) {
    const { index, of } = part;
    if (Number.isInteger(of) && Number.isInteger(index) && index >= 0 && index < of)
      return { name, npz, part, made };
    npz.close();
    throw invalid(`${name} says that it is part ${index} of ${of}.`);
  }
  npz.close();
  throw invalid(`${name} is no part of anything: it was made without --shard.`);
}

/** @throws GenscopeError `input.invalid` unless every part of one whole is there once */
function inOrder(opened: readonly OpenPart[]): readonly OpenPart[] {
  const [first] = opened;
  if (first === undefined) throw invalid('There are no parts.');
  const places = new Map<number, OpenPart>();
  for (const open of opened) {
    const { part, made, name } = open;
    const apart = differenceOf(open, first);
    if (apart !== null) throw invalid(`${name} and ${first.name} do not belong together: ${apart}.`);
    if (made.resize !== first.made.resize)
      throw invalid(`${name} was resized by “${made.resize}”, ${first.name} by “${first.made.resize}”.`);
    if (made.values !== first.made.values)
      throw invalid(
        `${name} was made with the values ${made.values || 'unknown'}, ${first.name} with ${first.made.values || 'unknown'}.`,
      );
    const twin = places.get(part.index);
    if (twin !== undefined) throw invalid(`${twin.name} and ${name} are both part ${part.index}.`);
    places.set(part.index, open);
  }
  // What a file says of their number is not trusted with memory: it may be a milliard.
  const { of } = first.part;
  const missing = of - places.size;
  if (missing > 0) {
    const named: number[] = [];
    for (let index = 0; index < of && named.length < Math.min(missing, MOST_NAMED); index++)
      if (!places.has(index)) named.push(index);
    throw invalid(
      `Of ${of} parts, ${missing} are missing: ${named.join(', ')}${missing > MOST_NAMED ? ' …' : ''}.`,
    );
  }
  return Array.from({ length: of }, (_, index) => places.get(index) as OpenPart);
}

const MOST_NAMED = 20;

function differenceOf({ part, made }: OpenPart, first: OpenPart): string | null {
  if (made.sha256 !== first.made.sha256) return 'they were made with different extractors';
  if (part.of !== first.part.of) return `one is of ${part.of} parts, the other of ${first.part.of}`;
  if (part.origin !== first.part.origin)
    return 'they were made of different pictures, models, seeds, settings or numbers of samples';
  return null;
}

async function momentsOf(npz: NpzArchive, name: string) {
  const [mu, count] = [await npz.read('mu'), await npz.read('n')];
  const [size, n] = [mu.values.length, Math.round(count.values[0] ?? 0)];
  const { shape } = await npz.header('sigma');
  const fits = shape.length === 2 && shape.every((axis) => axis === size);
  if (!(n >= 1 && n <= MOST_PICTURES) || size === 0 || !fits)
    throw invalid(`mu, sigma and n of ${name} do not fit.`);
  const sigma = await npz.read('sigma');
  if (!mu.values.every(Number.isFinite) || !sigma.values.every(Number.isFinite))
    throw invalid(`mu or sigma of ${name} holds numbers that are none (NaN).`);
  const scatter = Float64Array.from(sigma.values, (value) => value * (n - 1));
  return { size, n, mean: Float64Array.from(mu.values), scatter };
}

const MOST_PICTURES = 2 ** 31 - 1;

/** Rows one part after the other, where every part has them: copied from file to file, never held together. */
async function rowsOf(
  parts: readonly OpenPart[],
  counts: readonly number[],
  signal: AbortSignal,
): Promise<Partial<Record<(typeof ROWS)[number], NpzValue>>> {
  const found: Partial<Record<(typeof ROWS)[number], NpzValue>> = {};
  for (const name of ROWS) {
    if (!parts.every(({ npz }) => npz.names.includes(name))) continue;
    const descr = name === 'labels' ? '<i4' : '<f4';
    let width: readonly number[] | null = null;
    let rows = 0;
    for (const [i, { npz, name: file }] of parts.entries()) {
      const header = await npz.header(name);
      const [n = 0, ...own] = header.shape;
      width ??= own;
      if (header.descr !== descr || header.fortran || n !== counts[i] || own.join() !== width.join())
        throw invalid(
          `${name} of ${file} is ${header.descr} [${header.shape.join(', ')}], which does not fit.`,
        );
      rows += n;
    }
    found[name] = {
      ...{ shape: [rows, ...(width ?? [])], descr },
      async *pieces() {
        for (const { npz } of parts) {
          throwIfCancelled(signal);
          yield* npz.data(name);
        }
      },
    };
  }
  return found;
}

const ADVICE =
  'Make every part with `genscope stats … --shard 0/8 --out part-0.npz`, and the same options otherwise.';

function invalid(message: string): GenscopeError {
  return new GenscopeError('input.invalid', message, ADVICE);
}

/**
 * Parts of features or statistics, made on several machines, put together. Means and scatters merge exactly
 * (Chan, Golub & LeVeque 1979), so the result is what one machine would have written, up to rounding.
 */
import path from 'node:path';
import { Moments } from '../../algorithms/stats/moments.ts';
import { asGenscopeError, GenscopeError } from '../../shared/errors.ts';
import { requireWritable } from '../../shared/files/atomic.ts';
import type { WorkProgress } from '../../shared/protocol.ts';
import type { MergeParams, MergeResult } from '../../shared/scores.ts';
import { throwIfCancelled } from '../queue.ts';
import {
  type PartOf,
  type Provenance,
  provenanceArrays,
  readPart,
  readProvenance,
} from '../reference/provenance.ts';
import { RuntimeAlgebra } from '../runtime/matmul.ts';
import { NpzArchive, type NpzValue, writeNpz } from '../runtime/npz.ts';
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
      const rows = new RowCollector();
      let moments: Moments | null = null;
      let n = 0;
      for (const [i, { name, npz }] of ordered.entries()) {
        throwIfCancelled(signal);
        report({ done: i, total: ordered.length });
        const state = await momentsOf(npz, name);
        moments ??= new Moments(state.size, algebra);
        if (state.size !== moments.size)
          throw invalid(`${name} has features of another length (${state.size}).`);
        moments.merge(state);
        n += state.n;
        await rows.add(npz);
      }
      const [first] = ordered as [OpenPart];
      if (moments === null || n < 2) throw invalid('All parts together hold fewer than two pictures.');
      const { size } = moments;
      await writeNpz(file, {
        ...statisticsEntries(size, moments.state.mean, moments.covariance(), n),
        ...rows.arrays(),
        ...provenanceArrays(first.made),
      });
      report({ done: ordered.length, total: ordered.length });
      return { file, n, parts: ordered.length, extractor: first.made.extractor, rows: rows.complete };
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
  const [part, made] = [await readPart(npz), await readProvenance(npz)];
  if (part !== null && made !== null) return { name, npz, part, made };
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
  const all = Array.from({ length: first.part.of }, (_, index) => index);
  const missing = all.filter((index) => !places.has(index));
  if (missing.length > 0)
    throw invalid(
      `Of ${first.part.of} parts, ${missing.length} are missing: ${missing.slice(0, 20).join(', ')}${missing.length > 20 ? ' …' : ''}.`,
    );
  return all.map((index) => places.get(index) as OpenPart);
}

function differenceOf({ part, made }: OpenPart, first: OpenPart): string | null {
  if (made.sha256 !== first.made.sha256) return 'they were made with different extractors';
  if (part.of !== first.part.of) return `one is of ${part.of} parts, the other of ${first.part.of}`;
  if (part.origin !== first.part.origin)
    return 'they were made of different pictures, models, seeds, settings or numbers of samples';
  return null;
}

async function momentsOf(npz: NpzArchive, name: string) {
  const [mu, sigma, count] = [await npz.read('mu'), await npz.read('sigma'), await npz.read('n')];
  const [size, n] = [mu.values.length, Math.round(count.values[0] ?? 0)];
  if (n < 1 || sigma.values.length !== size * size) throw invalid(`mu, sigma and n of ${name} do not fit.`);
  const scatter = Float64Array.from(sigma.values, (value) => value * (n - 1));
  return { size, n, mean: Float64Array.from(mu.values), scatter };
}

/** Rows one part after the other, for as long as every part has them. */
class RowCollector {
  #parts: Partial<Record<(typeof ROWS)[number], { width: readonly number[]; values: Float32Array[] }>> = {};
  #first = true;

  get complete(): boolean {
    return this.#parts.features !== undefined;
  }

  async add(npz: NpzArchive): Promise<void> {
    for (const name of ROWS) {
      const known = this.#parts[name];
      if (!npz.names.includes(name) || (known === undefined && !this.#first)) {
        delete this.#parts[name];
        continue;
      }
      const { shape, values } = await npz.read(name);
      const own = { width: shape.slice(1), values: known?.values ?? [] };
      own.values.push(Float32Array.from(values));
      this.#parts[name] = own;
    }
    this.#first = false;
  }

  arrays(): Record<string, NpzValue> {
    return Object.fromEntries(
      Object.entries(this.#parts).map(([name, { width, values }]) => {
        const total = values.reduce((sum, part) => sum + part.length, 0);
        const all = name === 'labels' ? new Int32Array(total) : new Float32Array(total);
        let at = 0;
        for (const part of values) {
          all.set(part, at);
          at += part.length;
        }
        const rows =
          total /
          Math.max(
            1,
            width.reduce((a, b) => a * b, 1),
          );
        return [name, { shape: [rows, ...width], values: all }];
      }),
    );
  }
}

const ADVICE =
  'Make every part with `genscope stats … --shard 0/8 --out part-0.npz`, and the same options otherwise.';

function invalid(message: string): GenscopeError {
  return new GenscopeError('input.invalid', message, ADVICE);
}

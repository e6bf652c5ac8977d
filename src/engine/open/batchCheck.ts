/**
 * Whether a graph takes several samples per run. A symbolic batch axis is no proof that it does, nor a baked one that
 * it does not: run two rows together and compare them with the same rows run alone.
 */

import type { BatchMode } from '../../shared/generator/model.ts';
import type { InputRole } from '../../shared/generator/roles.ts';
import { asGenscopeError } from '../../shared/kernel/errors.ts';
import { asNumbers } from '../pictures/pixels.ts';
import type { TensorValue, ValueInfo } from '../runtime/session.ts';

export interface BatchVerdict {
  readonly batch: BatchMode;
  readonly reason: string;
  /** Freeing the batch would gain nothing: a run takes too long for that, or there is no batch axis. */
  readonly settled: boolean;
}

/** Slower than this and batching gains nothing on a CPU, so the proof is not worth two more runs. */
const SLOW_RUN_MS = 400;
/** Of the output's range: float rounding between batch sizes stays far below, a shared row far above. */
const TOLERANCE = 1e-3;

/** Inputs that bring a row for each sample. */
const PER_SAMPLE: ReadonlySet<string | undefined> = new Set([
  'latent',
  'class',
  'noise',
  'image',
  'labelMap',
  'mask',
  'codes',
  'embedding',
]);

/** What is asked for two rows at once. */
export interface BatchProbe<Rows> {
  readonly session: { readonly inputs: readonly ValueInfo[] };
  readonly inputRoles: Readonly<Record<string, InputRole>>;
  /** Rows of a run where the file fixes them; 1 otherwise. */
  readonly fixedRows: number;
  run(rows: Rows): Promise<TensorValue>;
}

export async function checkBatch<Rows>(
  probe: BatchProbe<Rows>,
  rows: (index: number, count: number) => Rows,
  single: TensorValue,
  singleMs: number,
): Promise<BatchVerdict> {
  if (probe.fixedRows > 1) return checkFixed(probe, rows, single);
  const unbatched = probe.session.inputs.find(
    ({ name, shape: [first] }) => PER_SAMPLE.has(probe.inputRoles[name]?.role) && isLong(first),
  );
  if (unbatched) return { batch: 'loop', settled: true, reason: `${unbatched.name} has no batch axis` };
  const fixed = probe.session.inputs.find(
    ({ name, shape }) => PER_SAMPLE.has(probe.inputRoles[name]?.role) && shape[0] === 1,
  );
  if (fixed)
    return {
      batch: 'loop',
      settled: false,
      reason: `the batch axis of ${fixed.name} is fixed at 1 in the file`,
    };
  const ms = singleMs > SLOW_RUN_MS ? await warmMs(probe, rows) : singleMs;
  if (ms > SLOW_RUN_MS) {
    return {
      batch: 'loop',
      settled: true,
      reason: `several samples in one run were not tried: one takes ${Math.round(ms)} ms, so that nothing is gained by it`,
    };
  }
  let pair: TensorValue;
  try {
    pair = await probe.run(rows(0, 2));
  } catch (thrown) {
    return {
      batch: 'loop',
      settled: false,
      reason: `two samples in one run fail (${asGenscopeError(thrown).message})`,
    };
  }
  if (pair.shape[0] !== 2)
    return { batch: 'loop', settled: false, reason: 'two samples in one run come back as one picture' };
  const second = await probe.run(rows(1, 1));
  const difference = Math.max(distance(pair, single, 0), distance(pair, second, single.data.length));
  return difference <= TOLERANCE
    ? {
        batch: 'free',
        settled: false,
        reason: `two samples in one run equal the same two run alone (max difference ${difference.toExponential(1)} of the range)`,
      }
    : {
        batch: 'loop',
        settled: false,
        reason: `two samples in one run differ from the same two run alone (by ${difference.toPrecision(2)} of the range)`,
      };
}

/** A first run reads weights and plans memory: only the second shows what a sample takes. */
async function warmMs<Rows>(
  probe: BatchProbe<Rows>,
  rows: (index: number, count: number) => Rows,
): Promise<number> {
  const started = performance.now();
  await probe.run(rows(0, 1));
  return performance.now() - started;
}

/** A first axis of a certain length above 1. */
function isLong(first: number | string | undefined): boolean {
  return typeof first === 'number' && first > 1;
}

/** As many rows as the file fixes: the second sample has to come out the same in the first row, where it is alone. */
async function checkFixed<Rows>(
  probe: BatchProbe<Rows>,
  rows: (index: number, count: number) => Rows,
  single: TensorValue,
): Promise<BatchVerdict> {
  const pair = await probe.run(rows(0, 2));
  const second = await probe.run(rows(1, 1));
  const difference = Math.max(distance(pair, single, 0), distance(pair, second, single.data.length));
  const fixed = `the file fixes ${probe.fixedRows} samples a run`;
  return difference <= TOLERANCE
    ? { batch: 'fixed', settled: false, reason: `${fixed}, and what is not asked for is cut off` }
    : {
        batch: 'loop',
        settled: false,
        reason: `${fixed}, and they depend on each other (by ${difference.toPrecision(2)} of the range), so each run is filled with one sample`,
      };
}

/** Largest difference between `part` and the stretch of `whole` from `offset`, in units of the part's range. */
function distance(whole: TensorValue, part: TensorValue, offset: number): number {
  const a = asNumbers(whole.data, whole.dtype);
  const b = asNumbers(part.data, part.dtype);
  let low = Infinity;
  let high = -Infinity;
  let most = 0;
  for (let i = 0; i < b.length; i++) {
    const value = b[i] as number;
    if (value < low) low = value;
    if (value > high) high = value;
    const difference = Math.abs((a[offset + i] as number) - value);
    if (difference > most) most = difference;
  }
  return most === 0 ? 0 : most / Math.max(high - low, 1e-12);
}

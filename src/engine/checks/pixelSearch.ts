/**
 * Nearest real images by their pixels: the pictures stream by once, whatever their number, and each query keeps its k
 * nearest. All are brought to one small size first, as PIL's antialiased bicubic does.
 */
import { RESAMPLING, Resampler } from '../../algorithms/images/resample.ts';
import { type PictureSource, SKIPPED } from '../features/pictureSource.ts';
import { nextTurn, throwIfCancelled } from '../kernel/queue.ts';
import type { PictureStack } from '../runtime/imageCodec.ts';

/** Pixels are compared at this size at most: more says nothing about likeness, and costs. */
const MOST_SIDE = 64;
const BATCH = 32;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Found by its row in the source; the distance is the root of the mean square difference of bytes. */
export interface PixelNeighbour {
  readonly row: number;
  readonly distance: number;
}

export function comparedSize({ width, height }: Size): Size {
  const by = Math.min(1, MOST_SIDE / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * by)), height: Math.max(1, Math.round(height * by)) };
}

/** RGB bytes of each picture of a stack at a size, [count][3·h·w]. */
export function pixelsOf(stack: PictureStack, size: Size): Uint8Array[] {
  const from = [stack.height, stack.width] as const;
  const resampler = new Resampler(from, [size.height, size.width], RESAMPLING.bicubic);
  const bytes = stack.width * stack.height * 4;
  return Array.from({ length: stack.count }, (_, i) => {
    const small = resampler.resize(stack.data.subarray(i * bytes, (i + 1) * bytes));
    const out = new Uint8Array(size.width * size.height * 3);
    for (let from = 0, to = 0; to < out.length; from += 4, to += 3) {
      out[to] = small[from] as number;
      out[to + 1] = small[from + 1] as number;
      out[to + 2] = small[from + 2] as number;
    }
    return out;
  });
}

/** The same picture one pixel further to the right; its left edge stays. RGBA bytes of one picture. */
export function shiftedByOne({ width, height, data }: PictureStack): PictureStack {
  const out = data.slice(0, width * height * 4);
  for (let y = 0; y < height; y++)
    for (let x = width - 1; x > 0; x--) {
      const at = (y * width + x) * 4;
      for (let c = 0; c < 4; c++) out[at + c] = out[at + c - 4] as number;
    }
  return { count: 1, width, height, data: out };
}

/**
 * @param queries bytes as `pixelsOf` gives them
 * @returns for each query its k nearest, nearest first
 * @throws GenscopeError `request.cancelled`, or as reading fails
 */
export async function nearestByPixels(
  source: PictureSource,
  queries: readonly Uint8Array[],
  {
    size,
    k,
    signal,
    report,
  }: {
    readonly size: Size;
    readonly k: number;
    readonly signal: AbortSignal;
    readonly report: (done: number) => void;
  },
): Promise<PixelNeighbour[][]> {
  const best: PixelNeighbour[][] = queries.map(() => []);
  for (let first = 0; first < source.count; first += BATCH) {
    throwIfCancelled(signal);
    const count = Math.min(BATCH, source.count - first);
    const { stacks, labels } = await source.read(first, count, BATCH);
    const rows = [...labels].flatMap((label, i) => (label === SKIPPED ? [] : [first + i]));
    const pictures = stacks.flatMap((stack) => pixelsOf(stack, size));
    for (const [i, picture] of pictures.entries())
      for (const [q, query] of queries.entries())
        offer(best[q] as PixelNeighbour[], k, rows[i] as number, query, picture);
    report(first + count);
    await nextTurn();
  }
  return best.map((list) =>
    list.map(({ row, distance }) => ({ row, distance: Math.sqrt(distance / (queries[0]?.length ?? 1)) })),
  );
}

/** Gives up on a picture as soon as it is farther than the k-th. Distances are sums of squares here. */
function offer(list: PixelNeighbour[], k: number, row: number, a: Uint8Array, b: Uint8Array): void {
  const limit = list.length < k ? Number.POSITIVE_INFINITY : (list[k - 1] as PixelNeighbour).distance;
  let sum = 0;
  for (let i = 0; i < a.length; ) {
    const end = Math.min(a.length, i + 256);
    for (; i < end; i++) sum += ((a[i] as number) - (b[i] as number)) ** 2;
    if (sum >= limit) return;
  }
  let at = list.length;
  while (at > 0 && (list[at - 1] as PixelNeighbour).distance > sum) at--;
  list.splice(at, 0, { row, distance: sum });
  if (list.length > k) list.pop();
}

/** One axis of a label map: which two cells of the logits each pixel lies between. */
import type { Window } from './placement.ts';

export interface ClassAxis {
  /** Pixels begin … end − 1 were seen by the model; those outside its crop were not. */
  readonly begin: number;
  readonly end: number;
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** How far the pixel is towards `high`, 0…1. */
  readonly fraction: Float32Array;
}

/**
 * Bilinear with `align_corners=False`: outer edges of cells and pixels coincide, through the resize and the crop between
 * them. With a window that holds the whole picture this is `torch.nn.functional.interpolate`.
 */
export function classAxis(cells: number, pixels: number, { whole, start, length }: Window): ClassAxis {
  const low = new Int32Array(pixels);
  const high = new Int32Array(pixels);
  const fraction = new Float32Array(pixels);
  let begin = pixels;
  let end = 0;
  for (let i = 0; i < pixels; i++) {
    const seen = ((i + 0.5) * whole) / pixels - start;
    if (seen < 0 || seen >= length) continue;
    begin = Math.min(begin, i);
    end = i + 1;
    const at = Math.max(0, (seen * cells) / length - 0.5);
    low[i] = Math.min(Math.floor(at), cells - 1);
    high[i] = Math.min((low[i] as number) + 1, cells - 1);
    fraction[i] = high[i] === low[i] ? 0 : at - (low[i] as number);
  }
  return { begin: Math.min(begin, end), end, low, high, fraction };
}

/** Runs of pixels between the same two cells: those from bounds[i] to bounds[i + 1]. */
export function runsOf({ begin, end, low }: ClassAxis): Int32Array {
  const bounds: number[] = [];
  for (let i = begin; i < end; i++) if (i === begin || low[i] !== low[i - 1]) bounds.push(i);
  return Int32Array.from([...bounds, end]);
}

/** How large a file of pictures may become: known before a single sample is drawn. */
import { GenscopeError } from '../../shared/kernel/errors.ts';

/** What an encoder takes as one buffer, RGBA. */
const MOST_BYTES = 1.5e9;

/** Whole-number enlargement that brings the shorter side of small pictures to `minSide`. */
export function zoomFor(size: { readonly width: number; readonly height: number }, minSide: number): number {
  return Math.max(1, Math.ceil(minSide / Math.min(size.width, size.height)));
}

/** @throws GenscopeError `input.invalid` when so many pictures do not fit into one file */
export function requireFits(
  total: number,
  size: { readonly width: number; readonly height: number },
  zoom = 1,
): void {
  const { width, height } = size;
  const fit = Math.floor(MOST_BYTES / (width * height * 4 * zoom * zoom));
  if (total <= fit) return;
  throw new GenscopeError(
    'input.invalid',
    `${total.toLocaleString('en')} pictures of ${width * zoom}×${height * zoom} do not fit into one file; ${fit.toLocaleString('en')} would.`,
    'Save fewer, or save them as separate files or NumPy arrays.',
  );
}

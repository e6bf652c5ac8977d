/**
 * Pictures that the decoder here turns into other colours than PIL does. Scores of other colours are other scores, so
 * these are refused by name.
 */
import type { PictureFormat } from './formats.ts';

const PHOTOMETRIC = 262;
const COMPRESSION = 259;
const YCBCR = 6;
const JPEG = 7;

/** What makes it so, as the middle of a sentence; null for all others. */
export function unlikePil(format: PictureFormat, bytes: Uint8Array): string | null {
  // libtiff itself makes RGB of those that are JPEG inside.
  if (format === 'tiff' && tagOf(bytes, PHOTOMETRIC) === YCBCR && tagOf(bytes, COMPRESSION) !== JPEG)
    return 'a TIFF of YCbCr, which PIL turns into other colours';
  // libavif makes the missing colours smoothly, libheif by repetition.
  if (format === 'avif' && isSubsampled(bytes))
    return 'an AVIF with colours at a lower resolution (4:2:0), which PIL enlarges in another way';
  return null;
}

/** One number of the first directory of a TIFF of the usual kind (TIFF 6.0, section 2). */
function tagOf(bytes: Uint8Array, tag: number): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  if (bytes.length < 8 || view.getUint16(2, little) !== 42) return null;
  const at = view.getUint32(4, little);
  if (at + 2 > bytes.length) return null;
  const count = view.getUint16(at, little);
  for (let i = 0; i < count; i++) {
    const entry = at + 2 + i * 12;
    if (entry + 12 > bytes.length) return null;
    if (view.getUint16(entry, little) === tag) return view.getUint16(entry + 8, little);
  }
  return null;
}

/** The settings of a picture's coding stand in its head, an alpha channel's beside it: that is grey, and halved in name. */
function isSubsampled(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 2 ** 16));
  for (let at = head.indexOf('av1C'); at >= 0; at = head.indexOf('av1C', at + 4)) {
    const flags = head[at + 6] ?? 0;
    if ((flags & 0x10) === 0 && (flags & 0x0c) !== 0) return true;
  }
  return false;
}

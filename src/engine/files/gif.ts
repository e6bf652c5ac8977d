/**
 * The first frame of a GIF as Pillow's GifImagePlugin gives it to `convert('RGB')`: what is transparent keeps the colour
 * that its index has in the palette, which decoders for the screen throw away.
 */
import { blank, ENDS_EARLY, type Pixels, undecodable } from './rawPixels.ts';

const EXTENSION = 0x21;
const GRAPHIC_CONTROL = 0xf9;
const IMAGE = 0x2c;

/** @throws GenscopeError `input.invalid` */
export function readGif(bytes: Uint8Array): Pixels {
  try {
    return read(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (thrown) {
    if (thrown instanceof RangeError) throw undecodable(ENDS_EARLY);
    throw thrown;
  }
}

function read(bytes: Uint8Array, view: DataView): Pixels {
  let palette = paletteAt(bytes, 13, view.getUint8(10));
  let at = 13 + (palette?.length ?? 0);
  let transparent = 0;
  for (let block = view.getUint8(at); block !== IMAGE; block = view.getUint8(at)) {
    if (block !== EXTENSION) throw undecodable('it has no picture');
    if (view.getUint8(at + 1) === GRAPHIC_CONTROL && (view.getUint8(at + 3) & 1) === 1)
      transparent = view.getUint8(at + 6);
    at = endOfBlocks(view, at + 2);
  }
  const [left, top] = [view.getUint16(at + 1, true), view.getUint16(at + 3, true)];
  const [width, height] = [view.getUint16(at + 5, true), view.getUint16(at + 7, true)];
  const flags = view.getUint8(at + 9);
  const own = paletteAt(bytes, at + 10, flags);
  palette = own ?? palette;
  // A frame that reaches beyond the screen widens it.
  const screen = [view.getUint16(6, true), view.getUint16(8, true)] as const;
  const out = blank(Math.max(screen[0], left + width), Math.max(screen[1], top + height));
  const put = (place: number, index: number) => {
    for (let c = 0; c < 3; c++)
      out.data[place * 4 + c] = palette === null ? index : (palette[index * 3 + c] ?? 0);
  };
  for (let i = 0; i < out.width * out.height; i++) put(i, transparent);
  const indices = unpacked(view, at + 10 + (own?.length ?? 0), width * height);
  const rows = (flags & 0x40) === 0 ? null : interlaced(height);
  for (let i = 0; i < indices.length; i++) {
    const y = Math.floor(i / width);
    put((top + (rows?.[y] ?? y)) * out.width + left + (i % width), indices[i] as number);
  }
  return out;
}

function paletteAt(bytes: Uint8Array, at: number, flags: number): Uint8Array | null {
  if ((flags & 0x80) === 0) return null;
  const size = 3 * 2 ** ((flags & 7) + 1);
  if (at + size > bytes.length) throw undecodable(ENDS_EARLY);
  return bytes.subarray(at, at + size);
}

function endOfBlocks(view: DataView, from: number): number {
  let at = from;
  for (let size = view.getUint8(at); size > 0; size = view.getUint8(at)) at += size + 1;
  return at + 1;
}

/** Which row each row that comes is. */
function interlaced(height: number): number[] {
  const passes = [
    [0, 8],
    [4, 8],
    [2, 4],
    [1, 2],
  ] as const;
  return passes.flatMap(([first, step]) =>
    Array.from({ length: Math.max(0, Math.ceil((height - first) / step)) }, (_, i) => first + i * step),
  );
}

/** LZW with codes that grow to 12 bits (GIF89a, appendix F). */
function unpacked(view: DataView, from: number, count: number): Uint8Array {
  const bits = view.getUint8(from);
  if (bits < 1 || bits > 11) throw undecodable('its code size makes no sense');
  const clear = 1 << bits;
  const out = new Uint8Array(count);
  const prefix = new Int16Array(4096);
  const last = new Uint8Array(4096);
  const stack = new Uint8Array(4097);
  for (let i = 0; i < clear; i++) last[i] = i;
  let [at, left, buffer, held] = [from + 1, 0, 0, 0];
  let [width, next, before, first, done] = [bits + 1, clear + 2, -1, 0, 0];
  while (done < count) {
    while (held < width) {
      if (left === 0) {
        left = view.getUint8(at++);
        if (left === 0) throw undecodable(ENDS_EARLY);
      }
      buffer |= view.getUint8(at++) << held;
      held += 8;
      left--;
    }
    let code = buffer & ((1 << width) - 1);
    buffer >>>= width;
    held -= width;
    if (code === clear) {
      [width, next, before] = [bits + 1, clear + 2, -1];
      continue;
    }
    if (code === clear + 1) throw undecodable(ENDS_EARLY);
    const given = code;
    let depth = 0;
    if (code > next || (code === next && before < 0)) throw undecodable('its codes make no sense');
    if (code === next) {
      stack[depth++] = first;
      code = before;
    }
    for (; code >= clear; code = prefix[code] as number) stack[depth++] = last[code] as number;
    first = code;
    stack[depth++] = first;
    while (depth > 0 && done < count) out[done++] = stack[--depth] as number;
    if (before >= 0 && next < 4096) {
      prefix[next] = before;
      last[next++] = first;
      if (next === 1 << width && width < 12) width++;
    }
    before = given;
  }
  return out;
}

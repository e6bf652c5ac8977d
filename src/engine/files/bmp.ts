/** Windows bitmaps, as Pillow's BmpImagePlugin reads them: 1, 4, 8, 16, 24 and 32 bits, not run-length coded. */
import { blank, ENDS_EARLY, type Pixels, undecodable } from './rawPixels.ts';

const RGB = 0;
const BITFIELDS = 3;
const ALPHABITFIELDS = 6;

/** @throws GenscopeError `input.invalid` */
export function readBmp(bytes: Uint8Array): Pixels {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return read(bytes, view);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw undecodable(ENDS_EARLY);
    throw thrown;
  }
}

function read(bytes: Uint8Array, view: DataView): Pixels {
  const dataAt = view.getUint32(10, true);
  const headSize = view.getUint32(14, true);
  // The head of OS/2 has 16-bit sizes and no compression.
  const old = headSize === 12;
  if (!old && headSize < 40) throw undecodable('its head is of an unknown kind');
  const width = old ? view.getUint16(18, true) : view.getInt32(18, true);
  const signed = old ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(old ? 24 : 28, true);
  const compression = old ? RGB : view.getUint32(30, true);
  const isMasked = compression === BITFIELDS || compression === ALPHABITFIELDS;
  if (compression !== RGB && !isMasked) throw undecodable('run-length coded bitmaps are not read here');
  const out = blank(width, Math.abs(signed));
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (dataAt + stride * out.height > bytes.length) throw undecodable(ENDS_EARLY);
  const put = pixelWriter(view, { headSize, old, bits, isMasked, dataAt });
  for (let y = 0; y < out.height; y++) {
    const row = dataAt + stride * (signed < 0 ? y : out.height - 1 - y);
    for (let x = 0; x < width; x++) put(row, x, out.data, (y * width + x) * 4);
  }
  return out;
}

interface Head {
  readonly headSize: number;
  readonly old: boolean;
  readonly bits: number;
  readonly isMasked: boolean;
  readonly dataAt: number;
}

type PixelWriter = (row: number, x: number, to: Uint8Array, at: number) => void;

function pixelWriter(view: DataView, head: Head): PixelWriter {
  const { bits } = head;
  if (bits === 1 || bits === 4 || bits === 8) return fromPalette(view, head);
  if (bits === 24)
    return (row, x, to, at) => {
      for (let c = 0; c < 3; c++) to[at + c] = view.getUint8(row + x * 3 + 2 - c);
    };
  if (bits !== 16 && bits !== 32) throw undecodable(`bitmaps of ${bits} bits are not read here`);
  const masks = masksOf(view, head);
  return (row, x, to, at) => {
    const value = bits === 16 ? view.getUint16(row + x * 2, true) : view.getUint32(row + x * 4, true);
    for (let c = 0; c < 3; c++) to[at + c] = (masks[c] as (value: number) => number)(value);
  };
}

function masksOf(view: DataView, { bits, isMasked }: Head): ((value: number) => number)[] {
  const usual = bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff];
  // In the head itself, or right behind one of 40 bytes: at the same place.
  const masks = isMasked ? [54, 58, 62].map((at) => view.getUint32(at, true)) : usual;
  return masks.map((mask) => {
    if (mask === 0) throw undecodable('one of its colours has no bits');
    const shift = 31 - Math.clz32(mask & -mask);
    const most = mask >>> shift;
    if ((most & (most + 1)) !== 0) throw undecodable('the bits of its colours do not lie together');
    return (value) => Math.floor((((value & mask) >>> shift) * 255) / most);
  });
}

function fromPalette(view: DataView, { headSize, old, bits, dataAt }: Head): PixelWriter {
  const width = old ? 3 : 4;
  const claimed = old ? 0 : view.getUint32(46, true);
  const from = 14 + headSize;
  const room = Math.max(0, Math.floor((dataAt - from) / width));
  const count = Math.min(claimed > 0 && claimed <= 256 ? claimed : 2 ** bits, room);
  const per = 8 / bits;
  return (row, x, to, at) => {
    const byte = view.getUint8(row + Math.floor(x / per));
    const index = (byte >> (8 - bits * ((x % per) + 1))) & (2 ** bits - 1);
    for (let c = 0; c < 3; c++) to[at + c] = index < count ? view.getUint8(from + index * width + 2 - c) : 0;
  };
}

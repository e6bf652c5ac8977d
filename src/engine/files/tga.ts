/** Truevision's TGA, plain and run-length coded, as Pillow's TgaImagePlugin reads it. */
import { blank, ENDS_EARLY, type Pixels, undecodable } from './rawPixels.ts';

/** @throws GenscopeError `input.invalid` */
export function readTga(bytes: Uint8Array): Pixels {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = view.getUint8(2);
  const mapSize = view.getUint8(1) === 1 ? view.getUint16(5, true) : 0;
  const mapWidth = Math.ceil(view.getUint8(7) / 8);
  const out = blank(view.getUint16(12, true), view.getUint16(14, true));
  const width = Math.ceil(view.getUint8(16) / 8);
  const flags = view.getUint8(17);
  const mapAt = 18 + view.getUint8(0);
  const dataAt = mapAt + mapSize * mapWidth;
  const pixels = out.width * out.height;
  const values =
    type > 8
      ? unpacked(bytes, dataAt, pixels * width, width)
      : bytes.subarray(dataAt, dataAt + pixels * width);
  if (values.length < pixels * width) throw undecodable(ENDS_EARLY);
  const colours = new DataView(values.buffer, values.byteOffset, values.byteLength);
  const first = view.getUint16(3, true);
  const isIndexed = type === 1 || type === 9;
  const isGrey = type === 3 || type === 11;
  for (let i = 0; i < pixels; i++) {
    const [x, y] = [i % out.width, Math.floor(i / out.width)];
    const column = flags & 0x10 ? out.width - 1 - x : x;
    const row = flags & 0x20 ? y : out.height - 1 - y;
    const at = (row * out.width + column) * 4;
    if (isGrey) out.data.fill(values[i * width] as number, at, at + 3);
    else if (!isIndexed) putColour(colours, i * width, width, out.data, at);
    else {
      const index = (values[i] as number) - first;
      if (index < 0 || index >= mapSize) out.data.fill(0, at, at + 3);
      else putColour(view, mapAt + index * mapWidth, mapWidth, out.data, at);
    }
  }
  return out;
}

/** Blue first; of 16 bits each colour has five. */
function putColour(view: DataView, from: number, width: number, to: Uint8Array, at: number): void {
  if (width === 2) {
    const value = view.getUint16(from, true);
    for (let c = 0; c < 3; c++) to[at + c] = Math.floor((((value >> (10 - 5 * c)) & 31) * 255) / 31);
    return;
  }
  if (width !== 3 && width !== 4) throw undecodable('its colours have an unknown width');
  for (let c = 0; c < 3; c++) to[at + c] = view.getUint8(from + 2 - c);
}

/** Packets of one pixel repeated, or of several as they are. */
function unpacked(bytes: Uint8Array, from: number, size: number, width: number): Uint8Array {
  const out = new Uint8Array(size);
  let at = from;
  for (let done = 0; done < size; ) {
    const head = bytes[at++];
    if (head === undefined) throw undecodable(ENDS_EARLY);
    const length = Math.min(((head & 127) + 1) * width, size - done);
    const taken = head > 127 ? width : length;
    if (at + taken > bytes.length) throw undecodable(ENDS_EARLY);
    for (let i = 0; i < length; i++) out[done + i] = bytes[at + (head > 127 ? i % width : i)] as number;
    at += taken;
    done += length;
  }
  return out;
}

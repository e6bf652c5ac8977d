/** Netpbm's PBM, PGM and PPM, plain and raw (netpbm.sourceforge.net/doc/ppm.html), as Pillow's PpmImagePlugin reads them. */
import { blank, ENDS_EARLY, type Pixels, undecodable } from './rawPixels.ts';

const NEWLINE = 10;
const HASH = 35;

/** @throws GenscopeError `input.invalid` */
export function readPnm(bytes: Uint8Array): Pixels {
  const kind = (bytes[1] as number) - 48;
  const head = new Tokens(bytes, 2);
  const [width, height] = [head.number(), head.number()];
  const isBits = kind === 1 || kind === 4;
  const most = isBits ? 1 : head.number();
  if (most < 1 || most > 65_535) throw undecodable(`its largest value is ${most}`);
  const out = blank(width, height);
  const channels = kind === 3 || kind === 6 ? 3 : 1;
  // One byte of white space ends the head of a raw file.
  const next =
    kind > 3 ? rawValues(bytes, head.at + 1, { kind, width, most }) : plainValues(head, kind, most);
  const scale = scaling(most, channels);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < channels; c++) out.data[i * 4 + c] = scale(next(i * channels + c));
    if (channels === 1) out.data.fill(out.data[i * 4] as number, i * 4 + 1, i * 4 + 3);
  }
  return out;
}

/** 16-bit grey is its upper byte here, as of any other format; 16-bit colour is rounded to 8 bits, as Pillow does. */
function scaling(most: number, channels: number): (value: number) => number {
  if (most === 255) return (value) => value;
  if (channels === 1 && most > 255)
    return (value) => Math.min(65_535, halfToEven((value / most) * 65_535)) >> 8;
  return (value) => Math.min(255, halfToEven((value / most) * 255));
}

/** Python's `round`. */
function halfToEven(value: number): number {
  const low = Math.floor(value);
  if (value - low !== 0.5) return Math.round(value);
  return low % 2 === 0 ? low : low + 1;
}

function rawValues(
  bytes: Uint8Array,
  from: number,
  { kind, width, most }: { readonly kind: number; readonly width: number; readonly most: number },
): (i: number) => number {
  const at = (place: number): number => {
    const byte = bytes[place];
    if (byte === undefined) throw undecodable(ENDS_EARLY);
    return byte;
  };
  if (kind === 4) {
    const stride = Math.ceil(width / 8);
    // 1 is black.
    return (i) =>
      1 - ((at(from + Math.floor(i / width) * stride + ((i % width) >> 3)) >> (7 - ((i % width) & 7))) & 1);
  }
  return most < 256 ? (i) => at(from + i) : (i) => at(from + 2 * i) * 256 + at(from + 2 * i + 1);
}

function plainValues(tokens: Tokens, kind: number, most: number): () => number {
  if (kind === 1) return () => 1 - tokens.bit();
  return () => {
    const value = tokens.number();
    if (value > most) throw undecodable(`it holds ${value}, above its largest value ${most}`);
    return value;
  };
}

/** Numbers between white space and comments. */
class Tokens {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  number(): number {
    this.#skip();
    let value = 0;
    const start = this.at;
    for (let byte = this.#bytes[this.at]; isDigit(byte); byte = this.#bytes[++this.at]) {
      value = value * 10 + byte - 48;
      if (this.at - start > 10) throw undecodable('a number in its head is too long');
    }
    if (this.at === start)
      throw undecodable(this.at < this.#bytes.length ? 'its head is damaged' : ENDS_EARLY);
    return value;
  }

  /** Plain PBM may do without spaces. */
  bit(): number {
    this.#skip();
    const byte = this.#bytes[this.at++];
    if (byte !== 48 && byte !== 49) throw undecodable(byte === undefined ? ENDS_EARLY : 'it holds no bits');
    return byte - 48;
  }

  #skip(): void {
    for (let byte = this.#bytes[this.at]; byte !== undefined; byte = this.#bytes[++this.at]) {
      if (byte === HASH) {
        const end = this.#bytes.indexOf(NEWLINE, this.at);
        this.at = end < 0 ? this.#bytes.length - 1 : end;
      } else if (!(byte === 32 || (byte >= 9 && byte <= 13))) return;
    }
  }
}

function isDigit(byte: number | undefined): byte is number {
  return byte !== undefined && byte >= 48 && byte <= 57;
}

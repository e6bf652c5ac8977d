/** NumPy's .npy container read piece by piece (numpy/lib/format.py, versions 1 to 3): one array of any ordinary numbers. */
import os from 'node:os';
import { inWords } from '../../shared/files/readSmall.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { halfValue } from './half.ts';
import { type Pixels, toRgba, undecodable } from './rawPixels.ts';

export interface NpyArray {
  /** Such as `<f4`. */
  readonly descr: string;
  readonly shape: readonly number[];
  /** In C order; float64 and integers of 32 bits and more stay doubles, unless floats were asked for. */
  readonly values: Float32Array | Float64Array;
  /** Whether a number lost digits because floats were asked for. */
  readonly isRounded: boolean;
}

/** `float32`: whatever the file holds, for rows that are hundreds of megabytes. */
export type NpyPrecision = 'float32' | 'own';

const MAGIC = '\u0093NUMPY';
/** A header of more is none: NumPy itself refuses those above 10,000 characters. */
const MOST_HEADER_BYTES = 2 ** 20;
/** Where a length that fits no header is known. */
const LEAST_HEAD = 12;

/** How numbers are read, by NumPy's letter and width. */
const READERS: Readonly<Record<string, (view: DataView, at: number, little: boolean) => number>> = {
  f2: (view, at, little) => halfValue(view.getUint16(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
  i1: (view, at) => view.getInt8(at),
  u1: (view, at) => view.getUint8(at),
  b1: (view, at) => view.getUint8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  u2: (view, at, little) => view.getUint16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
};
const AS_FLOAT32 = new Set(['f2', 'f4', 'i1', 'u1', 'b1', 'i2', 'u2']);

export interface NpyHeader {
  readonly descr: string;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  /** Where the numbers start. */
  readonly dataAt: number;
}

/** One .npy as its bytes come, in pieces of any size: never held as a whole besides its numbers. */
export class NpyDecoder {
  readonly #name: string;
  readonly #size: number;
  readonly #precision: NpyPrecision;
  #head: Uint8Array = new Uint8Array(0);
  #body: Body | null = null;

  /** @param size of all bytes that are to come */
  constructor(name: string, size: number, precision: NpyPrecision = 'own') {
    this.#name = name;
    this.#size = size;
    this.#precision = precision;
  }

  /** @throws GenscopeError `input.invalid` */
  push(bytes: Uint8Array): void {
    if (this.#body !== null) {
      this.#body.push(bytes);
      return;
    }
    const head = new Uint8Array(this.#head.length + bytes.length);
    head.set(this.#head);
    head.set(bytes, this.#head.length);
    this.#head = head;
    const length = headerLength(head, this.#name);
    if (length === null || head.length < length) return;
    this.#body = new Body(npyHeaderOf(head, this.#name), this.#size, this.#precision, this.#name);
    this.#body.push(head.subarray(length));
    this.#head = new Uint8Array(0);
  }

  /** @throws GenscopeError `input.invalid` where bytes are missing */
  finish(): NpyArray {
    if (this.#body === null) npyHeaderOf(this.#head, this.#name);
    if (this.#body === null) throw malformed(this.#name, 'it ends within its header');
    return this.#body.finish();
  }
}

class Body {
  readonly #header: NpyHeader;
  readonly #name: string;
  readonly #values: Float32Array | Float64Array;
  /** Where values are as they lie in the file. */
  readonly #plain: Uint8Array | null;
  readonly #width: number;
  readonly #kind: string;
  readonly #read: (view: DataView, at: number, little: boolean) => number;
  /** The beginning of a number whose end is in the next piece. */
  #rest: Uint8Array = new Uint8Array(0);
  #done = 0;
  #isRounded = false;

  constructor(header: NpyHeader, size: number, precision: NpyPrecision, name: string) {
    const { descr, shape, dataAt } = header;
    this.#kind = descr.slice(1);
    const known = Object.hasOwn(READERS, this.#kind) ? READERS[this.#kind] : undefined;
    if (known === undefined) throw malformed(name, `it holds ${descr}, which are no numbers`);
    this.#read = known;
    this.#width = Number(this.#kind.slice(1));
    const count = elements(shape);
    if (size - dataAt !== count * this.#width)
      throw malformed(
        name,
        `it is ${size} bytes long, and ${dataAt + count * this.#width} with all its rows`,
      );
    this.#header = header;
    this.#name = name;
    const isFloat32 = precision === 'float32' || AS_FLOAT32.has(this.#kind);
    this.#values = reserve(count, isFloat32 ? 4 : 8, name, (n) =>
      isFloat32 ? new Float32Array(n) : new Float64Array(n),
    );
    const asItLies = this.#kind === (isFloat32 ? 'f4' : 'f8') && !descr.startsWith('>');
    this.#plain = asItLies ? new Uint8Array(this.#values.buffer) : null;
  }

  push(bytes: Uint8Array): void {
    if (this.#plain !== null) {
      if (this.#done + bytes.length > this.#plain.length) throw malformed(this.#name, LONGER);
      this.#plain.set(bytes, this.#done);
      this.#done += bytes.length;
      return;
    }
    let from = bytes;
    if (this.#rest.length > 0) {
      from = new Uint8Array(this.#rest.length + bytes.length);
      from.set(this.#rest);
      from.set(bytes, this.#rest.length);
    }
    const whole = Math.floor(from.length / this.#width);
    if (this.#done + whole > this.#values.length) throw malformed(this.#name, LONGER);
    const view = new DataView(from.buffer, from.byteOffset, from.byteLength);
    const little = !this.#header.descr.startsWith('>');
    const [read, width, values, done] = [this.#read, this.#width, this.#values, this.#done];
    for (let i = 0; i < whole; i++) {
      const value = read(view, i * width, little);
      values[done + i] = value;
      // NaN is not rounded: it differs from itself.
      if (values[done + i] !== value && !Number.isNaN(value)) this.#isRounded = true;
    }
    this.#done += whole;
    this.#rest = from.slice(whole * width);
  }

  finish(): NpyArray {
    const wanted = this.#plain?.length ?? this.#values.length;
    if (this.#done !== wanted || this.#rest.length > 0)
      throw malformed(this.#name, 'it ends before its last number');
    const { descr, fortran, shape } = this.#header;
    const values = fortran ? inCOrder(this.#values, shape, this.#name) : this.#values;
    return { descr, shape, values, isRounded: this.#isRounded };
  }
}

const LONGER = 'it goes on after its last number';

/** @throws GenscopeError `input.invalid` for what is no .npy, or holds something else than numbers, or is cut off */
export function parseNpy(bytes: Uint8Array<ArrayBuffer>, name: string): NpyArray {
  const decoder = new NpyDecoder(name, bytes.length);
  decoder.push(bytes);
  return decoder.finish();
}

/** @throws GenscopeError `input.invalid` */
export function npyHeaderOf(bytes: Uint8Array, name: string): NpyHeader {
  const dataAt = headerLength(bytes, name);
  if (dataAt === null || dataAt > bytes.length) throw malformed(name, 'it ends within its header');
  const literal = new TextDecoder().decode(bytes.subarray(bytes[6] === 1 ? 10 : 12, dataAt));
  const descr = /'descr':\s*'([^']*)'/.exec(literal)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(literal)?.[1];
  const axes = /'shape':\s*\(([^)]*)\)/.exec(literal)?.[1];
  if (descr === undefined || order === undefined || axes === undefined)
    throw malformed(name, 'its header cannot be read');
  const shape = axes.split(',').flatMap((axis) => (axis.trim() === '' ? [] : [Number(axis)]));
  if (!shape.every((size) => Number.isInteger(size) && size >= 0) || !Number.isSafeInteger(elements(shape)))
    throw malformed(name, `its shape (${axes.slice(0, 200)}) makes no sense`);
  return { descr, fortran: order === 'True', shape, dataAt };
}

/** Where the numbers start; null while too little is there to say it. */
function headerLength(bytes: Uint8Array, name: string): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6] ?? 1;
  const isNpy = MAGIC.startsWith(String.fromCharCode(...bytes.subarray(0, 6)));
  if (!isNpy || version < 1 || version > 3) throw malformed(name, 'it is no .npy file');
  if (bytes.length < LEAST_HEAD) return null;
  // Version 2 made room for long headers.
  const length = version === 1 ? 10 + view.getUint16(8, true) : 12 + view.getUint32(8, true);
  if (length > MOST_HEADER_BYTES) throw malformed(name, 'its header is absurdly long');
  return length;
}

export function elements(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** What one array may take of this machine's memory. */
export function mostArrayBytes(): number {
  return Math.floor(os.totalmem() / 2);
}

/**
 * An array of `count` numbers, or an error that a person can act on: too much memory is no fault inside Genscope.
 * @throws GenscopeError `input.invalid`
 */
export function reserve<T>(count: number, width: number, name: string, make: (count: number) => T): T {
  const most = mostArrayBytes();
  const bytes = count * width;
  if (bytes <= most)
    try {
      return make(count);
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown;
    }
  throw new GenscopeError(
    'input.invalid',
    `“${name}” cannot be used: its ${count.toLocaleString('en')} numbers take ${inWords(bytes)} of memory, and ${inWords(most)} can be spared here.`,
    'Use fewer rows, float32 instead of float64, or a machine with more memory.',
  );
}

/** The last axis lies furthest apart in Fortran's order. */
function inCOrder<T extends Float32Array | Float64Array>(
  values: T,
  shape: readonly number[],
  name: string,
): T {
  if (shape.filter((size) => size > 1).length < 2) return values;
  const out = reserve(values.length, values.BYTES_PER_ELEMENT, name, () => values.slice() as T);
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape) {
    strides.push(stride);
    stride *= size;
  }
  const place = shape.map(() => 0);
  let from = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = values[from] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const [size, step] = [shape[axis] as number, strides[axis] as number];
      from += step;
      place[axis] = (place[axis] as number) + 1;
      if ((place[axis] as number) < size) break;
      from -= step * size;
      place[axis] = 0;
    }
  }
  return out;
}

/** How an array of bytes holds pictures; null for one that holds none. */
export interface PictureAxes {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** [N, C, h, w] instead of [N, h, w, C]. */
  readonly channelsFirst: boolean;
}

/**
 * Pictures are uint8: [N, h, w], [N, h, w, 1 | 3 | 4], or [N, 1 | 3 | 4, h, w] where only that can be meant. What holds
 * floats has no range that could be known.
 */
export function pictureAxes({ descr, shape }: Pick<NpyHeader, 'descr' | 'shape'>): PictureAxes | null {
  if (descr.slice(1) !== 'u1' || elements(shape) === 0) return null;
  const [count = 0, a = 0, b = 0, c = 0] = shape;
  if (shape.length === 3) return { count, height: a, width: b, channels: 1, channelsFirst: false };
  if (shape.length !== 4) return null;
  if (isChannels(c)) return { count, height: a, width: b, channels: c, channelsFirst: false };
  return isChannels(a) ? { count, height: b, width: c, channels: a, channelsFirst: true } : null;
}

function isChannels(size: number): boolean {
  return size === 1 || size === 3 || size === 4;
}

/**
 * One picture kept as an array, as clean-fid keeps resized ones: uint8 [h, w] or [h, w, C], or [1, C, h, w].
 * @throws GenscopeError `input.invalid`
 */
export function readPictureArray(bytes: Uint8Array): Pixels {
  const header = npyHeaderOf(bytes, 'the array');
  const { descr, fortran, dataAt } = header;
  const shape =
    header.shape.length === 2 || (header.shape.length === 3 && isChannels(header.shape[2] ?? 0))
      ? [1, ...header.shape]
      : header.shape;
  const axes = pictureAxes({ descr, shape });
  if (axes === null || axes.count !== 1 || fortran)
    throw new GenscopeError(
      'input.invalid',
      `It is an array of ${descr} [${header.shape.join(', ')}], not a picture: uint8 [h, w, 3].`,
      'Save it as PNG.',
    );
  const { height, width, channels, channelsFirst } = axes;
  const values = bytes.subarray(dataAt);
  if (values.length !== height * width * channels) throw undecodable('its length is not that of its shape');
  return toRgba(channelsFirst ? channelsLast(values, channels) : values, width, height, channels);
}

function channelsLast(values: Uint8Array, channels: number): Uint8Array {
  const pixels = values.length / channels;
  return Uint8Array.from(
    { length: values.length },
    (_, i) => values[(i % channels) * pixels + Math.floor(i / channels)] as number,
  );
}

export function malformed(name: string, problem: string): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    `“${name}” cannot be used: ${problem}.`,
    'Save one array of floats with numpy.save(file, numpy.ascontiguousarray(rows, dtype=numpy.float32)).',
    { next: ['answerRoles'] },
  );
}

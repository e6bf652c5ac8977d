/** NumPy's .npz: a zip of .npy arrays, by name. What pytorch-fid and clean-fid keep their statistics in. */
import { npyHeader } from './npy.ts';
import { type NpyArray, parseNpy } from './npyArray.ts';
import { writeZip, ZipArchive } from './zipFile.ts';

/** Arrays of an .npz, read when they are asked for. */
export class NpzArchive {
  readonly names: readonly string[];
  readonly #zip: ZipArchive;

  private constructor(zip: ZipArchive) {
    this.#zip = zip;
    this.names = zip.entries.flatMap(({ name }) => (name.endsWith('.npy') ? [name.slice(0, -4)] : []));
  }

  /** @throws GenscopeError `input.invalid` for what is no zip archive */
  static async open(file: string): Promise<NpzArchive> {
    return new NpzArchive(await ZipArchive.open(file));
  }

  /** @throws GenscopeError `input.invalid` for an array that is not there, damaged, or not of numbers */
  async read(name: string): Promise<NpyArray> {
    return parseNpy(await this.#zip.read(`${name}.npy`), name);
  }

  /** A text of `numpy.str_`; null for anything else. */
  async text(name: string): Promise<string | null> {
    if (!this.names.includes(name)) return null;
    return parseText(await this.#zip.read(`${name}.npy`));
  }

  close(): void {
    this.#zip.close();
  }
}

export type NpzValue =
  | {
      readonly shape: readonly number[];
      readonly values: Float32Array | Float64Array | Int32Array | Uint8Array;
    }
  | string;

/**
 * Stored, not packed: floats hardly shrink, and NumPy loads stored arrays faster.
 * @throws GenscopeError `output.notWritable`
 */
export async function writeNpz(file: string, arrays: Readonly<Record<string, NpzValue>>): Promise<void> {
  await writeZip(
    file,
    Object.entries(arrays).map(([name, value]) => ({ name: `${name}.npy`, bytes: npyBytes(value) })),
  );
}

function npyBytes(value: NpzValue): Uint8Array {
  if (typeof value === 'string') return textBytes(value);
  const { values, shape } = value;
  const header = npyHeader(descrOf(values), shape);
  const out = new Uint8Array(header.length + values.byteLength);
  out.set(header);
  out.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), header.length);
  return out;
}

function descrOf(values: Float32Array | Float64Array | Int32Array | Uint8Array) {
  if (values instanceof Float32Array) return '<f4';
  if (values instanceof Float64Array) return '<f8';
  return values instanceof Int32Array ? '<i4' : '|u1';
}

/** NumPy's texts are code points of 32 bits each. */
function textBytes(text: string): Uint8Array {
  const points = Int32Array.from(text, (letter) => letter.codePointAt(0) ?? 0);
  const header = npyHeader(`<U${Math.max(1, points.length)}`, []);
  const out = new Uint8Array(header.length + 4 * Math.max(1, points.length));
  out.set(header);
  out.set(new Uint8Array(points.buffer), header.length);
  return out;
}

function parseText(bytes: Uint8Array): string | null {
  const headerEnd = 10 + new DataView(bytes.buffer, bytes.byteOffset).getUint16(8, true);
  const literal = new TextDecoder().decode(bytes.subarray(10, headerEnd));
  if (!/'descr':\s*'<U\d+'/.test(literal) || !/'shape':\s*\(\s*\)/.test(literal)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + headerEnd, bytes.byteLength - headerEnd);
  const points = Array.from({ length: view.byteLength / 4 }, (_, i) => view.getUint32(i * 4, true));
  return String.fromCodePoint(...points.filter((point) => point !== 0));
}

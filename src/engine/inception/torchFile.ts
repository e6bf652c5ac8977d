/** A PyTorch file of tensors, in both of its formats: the zip of today and the row of pickles before 1.6. */
import fs from 'node:fs';
import path from 'node:path';
import { inWords, openRegular, reasonOf } from '../../shared/files/readSmall.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { halfToFloat } from '../files/half.ts';
import { ZipArchive } from '../files/zipFile.ts';
import { isTensor, type Pickled, type PickledTensor, readPickle } from './pickle.ts';

export interface TorchTensor {
  readonly shape: readonly number[];
  read(): Promise<Float32Array>;
}

export interface TorchFile {
  /** By name, of floats; what else a state dict counts is left out. */
  readonly tensors: ReadonlyMap<string, TorchTensor>;
  close(): void;
}

/** Bytes of an element, by storage type. */
const WIDTHS: Readonly<Record<string, number>> = { FloatStorage: 4, DoubleStorage: 8, HalfStorage: 2 };
const OTHER_WIDTHS: Readonly<Record<string, number>> = {
  LongStorage: 8,
  IntStorage: 4,
  ShortStorage: 2,
  CharStorage: 1,
  ByteStorage: 1,
  BoolStorage: 1,
  BFloat16Storage: 2,
};
/** torch/serialization.py: MAGIC_NUMBER and PROTOCOL_VERSION of the old format. */
const MAGIC = Number(0x1950a86a20f9469cfc6cn);
const PROTOCOL = 1001;
/** FID's Inception has 95 MB. */
const MOST_BYTES = 2 ** 30;
const MOST_PICKLE_BYTES = 64 * 2 ** 20;

/** @throws GenscopeError `extractor.missing`, `extractor.invalid` for what is no such file, or damaged */
export async function openTorchFile(file: string): Promise<TorchFile> {
  const head = readHead(file);
  return head[0] === 0x50 && head[1] === 0x4b ? openZipped(file) : openLegacy(file);
}

function readHead(file: string): Uint8Array {
  try {
    const { descriptor } = openRegular(file);
    try {
      const head = new Uint8Array(2);
      fs.readSync(descriptor, head);
      return head;
    } finally {
      fs.closeSync(descriptor);
    }
  } catch (thrown) {
    throw new GenscopeError(
      'extractor.missing',
      `There is no file that can be read at ${path.resolve(file)}.`,
      'Choose the file of weights again.',
      { detail: `${reasonOf(thrown)}: ${String(thrown)}` },
    );
  }
}

async function openZipped(file: string): Promise<TorchFile> {
  const zip = await ZipArchive.open(file).catch((thrown: unknown) => {
    throw notTorch(file, thrown instanceof Error ? thrown.message : String(thrown));
  });
  try {
    const pickle = zip.entries.find(({ name }) => /^[^/]+\/data\.pkl$/.test(name))?.name;
    if (pickle === undefined) throw notTorch(file, 'it has no data.pkl');
    const folder = pickle.slice(0, -'data.pkl'.length);
    const order = zip.has(`${folder}byteorder`)
      ? new TextDecoder().decode(await zip.read(`${folder}byteorder`, 64))
      : 'little';
    if (order !== 'little') throw notTorch(file, `its numbers are ${order}-endian`);
    const { value } = readPickle(await zip.read(pickle, MOST_PICKLE_BYTES));
    const read = async ({ storage, offset, shape }: PickledTensor) => {
      const width = WIDTHS[storage.type] as number;
      const bytes = await zip.read(`${folder}data/${storage.key}`);
      return floatsOf(bytes, offset * width, shape, storage.type, file);
    };
    return { tensors: tensorsOf(value, file, read), close: () => zip.close() };
  } catch (thrown) {
    zip.close();
    throw asInvalid(file, thrown);
  }
}

function openLegacy(file: string): TorchFile {
  const size = fs.statSync(file).size;
  if (size > MOST_BYTES)
    throw notTorch(file, `it has ${inWords(size)}, more than the weights of any Inception`);
  const bytes = fs.readFileSync(file);
  const magic = readPickle(bytes);
  if (magic.value !== MAGIC) throw notTorch(file, 'it begins with something else');
  const protocol = readPickle(bytes, magic.end);
  if (protocol.value !== PROTOCOL) throw notTorch(file, `its protocol is another one`);
  const system = readPickle(bytes, protocol.end);
  const isLittle = !(system.value instanceof Map) || system.value.get('little_endian') !== false;
  if (!isLittle) throw notTorch(file, 'its numbers are big-endian');
  const { value, end } = readPickle(bytes, system.end);
  const keys = readPickle(bytes, end);
  if (!Array.isArray(keys.value) || !keys.value.every((key) => typeof key === 'string'))
    throw notTorch(file, 'it lists no storages');
  const places = storagePlaces(bytes, keys.end, keys.value, widthsIn(value), file);
  const read = async ({ storage, offset, shape }: PickledTensor) => {
    const width = WIDTHS[storage.type] as number;
    const at = (places.get(storage.key) ?? bytes.length) + offset * width;
    return floatsOf(bytes, at, shape, storage.type, file);
  };
  return { tensors: tensorsOf(value, file, read), close() {} };
}

/** Storages follow in the order of their keys, each with its number of elements before it. */
function storagePlaces(
  bytes: Buffer,
  from: number,
  keys: readonly Pickled[],
  widths: ReadonlyMap<string, number>,
  file: string,
): Map<string, number> {
  const places = new Map<string, number>();
  let at = from;
  for (const key of keys) {
    if (at + 8 > bytes.length) throw notTorch(file, 'it ends before its last tensor');
    const elements = Number(bytes.readBigInt64LE(at));
    if (elements < 0) throw notTorch(file, 'a storage has less than nothing');
    places.set(String(key), at + 8);
    at += 8 + elements * (widths.get(String(key)) ?? 4);
  }
  if (at > bytes.length) throw notTorch(file, 'it ends before its last tensor');
  return places;
}

function widthsIn(value: Pickled): Map<string, number> {
  const widths = new Map<string, number>();
  for (const entry of stateDict(value).values())
    if (isTensor(entry)) {
      const { type, key } = entry.storage;
      widths.set(key, WIDTHS[type] ?? OTHER_WIDTHS[type] ?? 4);
    }
  return widths;
}

/** The dictionary itself, or the one that training scripts put into another. */
function stateDict(value: Pickled): Map<Pickled, Pickled> {
  if (!(value instanceof Map)) return new Map();
  const inner = value.get('state_dict');
  return inner instanceof Map ? inner : value;
}

function tensorsOf(
  value: Pickled,
  file: string,
  read: (tensor: PickledTensor) => Promise<Float32Array>,
): ReadonlyMap<string, TorchTensor> {
  const tensors = new Map<string, TorchTensor>();
  for (const [name, tensor] of stateDict(value)) {
    if (typeof name !== 'string' || !isTensor(tensor) || !(tensor.storage.type in WIDTHS)) continue;
    if (!isContiguous(tensor)) throw notTorch(file, `“${name}” is a view of another tensor`);
    tensors.set(name, { shape: tensor.shape, read: () => read(tensor) });
  }
  return tensors;
}

function isContiguous({ shape, stride }: PickledTensor): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && stride[axis] !== step) return false;
    step *= shape[axis] as number;
  }
  return true;
}

function floatsOf(
  bytes: Uint8Array,
  at: number,
  shape: readonly number[],
  type: string,
  file: string,
): Float32Array {
  const count = shape.reduce((a, b) => a * b, 1);
  const width = WIDTHS[type] as number;
  if (
    !Number.isSafeInteger(count) ||
    !Number.isSafeInteger(at) ||
    at < 0 ||
    at + count * width > bytes.length
  )
    throw notTorch(file, 'it ends before its last tensor');
  // A copy: a Buffer's own `slice` would be a view of all of it.
  const own = new Uint8Array(bytes.subarray(at, at + count * width)).buffer;
  if (type === 'FloatStorage') return new Float32Array(own);
  return type === 'HalfStorage'
    ? halfToFloat(new Uint16Array(own))
    : Float32Array.from(new Float64Array(own));
}

function asInvalid(file: string, thrown: unknown): unknown {
  const isZip = thrown instanceof GenscopeError && thrown.code === 'input.invalid';
  return isZip ? notTorch(file, thrown.message) : thrown;
}

function notTorch(file: string, why: string): GenscopeError {
  return new GenscopeError(
    'extractor.invalid',
    `${path.basename(file)} cannot be read as a PyTorch file of weights: ${why}.`,
    'Download it again; it may be cut off.',
  );
}

/**
 * Python's pickle, as far as a file of tensors needs it (protocol 2 to 4; Lib/pickle.py). Nothing is ever called or
 * imported: the few names that files of tensors use stand for plain data here, and any other is refused.
 */
import { GenscopeError } from '../../shared/kernel/errors.ts';

export interface PickledTensor {
  readonly kind: 'tensor';
  readonly storage: PickledStorage;
  /** In elements. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
}

export interface PickledStorage {
  readonly kind: 'storage';
  /** Such as FloatStorage. */
  readonly type: string;
  readonly key: string;
  readonly elements: number;
}

interface Name {
  readonly kind: 'name';
  readonly name: string;
}

export type Pickled =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | Pickled[]
  | Map<Pickled, Pickled>
  | PickledTensor
  | PickledStorage
  | Name;

/** What files of tensors call: the reader does it itself, on data. */
const TENSOR_V2 = 'torch._utils._rebuild_tensor_v2';
const PARAMETER = 'torch._utils._rebuild_parameter';
const ORDERED = 'collections.OrderedDict';
const STORAGE = /^torch\.(?:storage\.)?(\w+Storage)$/;

/**
 * What one pickle may make: a state dict of a thousand tensors takes 30,000 instructions. Each makes at most one value, so
 * that a small file cannot fill the memory.
 */
const MOST_STEPS = 1_000_000;
/** Lists, tuples and dictionaries; an empty one takes a few hundred bytes. */
const MOST_CONTAINERS = 200_000;
/** Texts name tensors; all together are no more than the file that they come from, this at most. */
const MOST_TEXT = 64 * 2 ** 20;

/** One value from `at` on. @throws GenscopeError `extractor.invalid` for anything but plain data and tensors */
export function readPickle(bytes: Uint8Array, at = 0): { value: Pickled; end: number } {
  return new Reader(bytes, at).read();
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;
  readonly #stack: Pickled[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, Pickled>();
  #containers = 0;
  #text = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }

  read(): { value: Pickled; end: number } {
    try {
      for (let steps = 0; ; steps++) {
        if (steps > MOST_STEPS) throw refused('more instructions than any file of tensors needs');
        const code = this.#byte();
        if (code === STOP) return { value: this.#pop(), end: this.#at };
        const step = STEPS[code];
        if (step === undefined) throw refused(`an instruction (${code}) that no file of tensors needs`);
        step(this);
      }
    } catch (thrown) {
      if (thrown instanceof RangeError) throw refused('an end before its last value');
      throw thrown;
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new RangeError('end');
    return byte;
  }

  number(width: 1 | 2 | 4): number {
    const at = this.#at;
    this.#at += width;
    if (width === 1) return this.#view.getUint8(at);
    return width === 2 ? this.#view.getUint16(at, true) : this.#view.getInt32(at, true);
  }

  double(): number {
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, false);
  }

  /** Integers of any length, little-endian, in two's complement; the magic of old files has 80 bits. */
  long(length: number): number {
    let value = 0n;
    for (let i = 0; i < length; i++) value |= BigInt(this.#byte()) << BigInt(8 * i);
    return Number(length > 0 ? BigInt.asIntN(8 * length, value) : 0n);
  }

  take(length: number): Uint8Array {
    if (length < 0 || this.#at + length > this.#bytes.length) throw new RangeError('end');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(length: number): string {
    this.#text += Math.max(0, length);
    if (this.#text > MOST_TEXT) throw refused('more text than any file of tensors needs');
    return new TextDecoder().decode(this.take(length));
  }

  line(): string {
    const end = this.#bytes.indexOf(10, this.#at);
    if (end < 0) throw new RangeError('end');
    const text = this.text(end - this.#at);
    this.#at++;
    return text;
  }

  push(value: Pickled): void {
    if (typeof value === 'object' && value !== null && ++this.#containers > MOST_CONTAINERS)
      throw refused('more lists than any file of tensors needs');
    this.#stack.push(value);
  }

  #pop(): Pickled {
    const value = this.#stack.pop();
    if (value === undefined) throw refused('instructions that do not fit together');
    return value;
  }

  pop(): Pickled {
    return this.#pop();
  }

  top(): Pickled {
    const value = this.#stack.at(-1);
    if (value === undefined) throw refused('instructions that do not fit together');
    return value;
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  sinceMark(): Pickled[] {
    const from = this.#marks.pop();
    if (from === undefined) throw refused('instructions that do not fit together');
    return this.#stack.splice(from);
  }

  put(index: number): void {
    this.#memo.set(index, this.top());
  }

  memoise(): void {
    this.put(this.#memo.size);
  }

  get(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw refused('a reference to nothing');
    this.push(value);
  }
}

const STOP = 0x2e;

const STEPS: Readonly<Record<number, (reader: Reader) => void>> = {
  128: (r) => void r.number(1), // PROTO
  149: (r) => void r.take(8), // FRAME
  40: (r) => r.mark(), // MARK
  78: (r) => r.push(null), // NONE
  136: (r) => r.push(true), // NEWTRUE
  137: (r) => r.push(false), // NEWFALSE
  74: (r) => r.push(r.number(4)), // BININT
  75: (r) => r.push(r.number(1)), // BININT1
  77: (r) => r.push(r.number(2)), // BININT2
  138: (r) => r.push(r.long(r.number(1))), // LONG1
  71: (r) => r.push(r.double()), // BINFLOAT
  88: (r) => r.push(r.text(r.number(4))), // BINUNICODE
  140: (r) => r.push(r.text(r.number(1))), // SHORT_BINUNICODE
  84: (r) => r.push(r.text(r.number(4))), // BINSTRING
  85: (r) => r.push(r.text(r.number(1))), // SHORT_BINSTRING
  66: (r) => r.push(r.take(r.number(4))), // BINBYTES
  67: (r) => r.push(r.take(r.number(1))), // SHORT_BINBYTES
  93: (r) => r.push([]), // EMPTY_LIST
  41: (r) => r.push([]), // EMPTY_TUPLE
  125: (r) => r.push(new Map()), // EMPTY_DICT
  133: (r) => r.push([r.pop()]), // TUPLE1
  134: (r) => r.push([r.pop(), r.pop()].reverse()), // TUPLE2
  135: (r) => r.push([r.pop(), r.pop(), r.pop()].reverse()), // TUPLE3
  116: (r) => r.push(r.sinceMark()), // TUPLE
  108: (r) => r.push(r.sinceMark()), // LIST
  97: (r) => addTo(r, [r.pop()]), // APPEND
  101: (r) => addTo(r, r.sinceMark()), // APPENDS
  115: (r) => setIn(r, [r.pop(), r.pop()].reverse()), // SETITEM
  117: (r) => setIn(r, r.sinceMark()), // SETITEMS
  113: (r) => r.put(r.number(1)), // BINPUT
  114: (r) => r.put(r.number(4)), // LONG_BINPUT
  148: (r) => r.memoise(), // MEMOIZE
  104: (r) => r.get(r.number(1)), // BINGET
  106: (r) => r.get(r.number(4)), // LONG_BINGET
  99: (r) => r.push(nameOf(r.line(), r.line())), // GLOBAL
  147: (r) => {
    const name = r.pop();
    const module = r.pop();
    // Not made into text: a list of lists of lists takes for ever.
    if (typeof module !== 'string' || typeof name !== 'string') throw refused('a name that is no text');
    r.push(nameOf(module, name)); // STACK_GLOBAL
  },
  81: (r) => r.push(storageOf(r.pop())), // BINPERSID
  82: (r) => {
    const given = r.pop();
    r.push(resultOf(r.pop(), given)); // REDUCE
  },
  98: (r) => {
    // BUILD: attributes of a dictionary (a state dict's _metadata) say nothing about its tensors.
    r.pop();
    if (!(r.top() instanceof Map)) throw refused('an object with a state of its own');
  },
};

function addTo(reader: Reader, values: readonly Pickled[]): void {
  const list = reader.top();
  if (!Array.isArray(list)) throw refused('instructions that do not fit together');
  // One by one: as arguments, many of them overflow the stack.
  for (const value of values) list.push(value);
}

function setIn(reader: Reader, pairs: readonly Pickled[]): void {
  const map = reader.top();
  if (!(map instanceof Map)) throw refused('instructions that do not fit together');
  for (let i = 0; i + 1 < pairs.length; i += 2) map.set(pairs[i] as Pickled, pairs[i + 1] as Pickled);
}

function nameOf(module: string, name: string): Name {
  const full = `${module}.${name}`;
  if (full === TENSOR_V2 || full === PARAMETER || full === ORDERED || STORAGE.test(full))
    return { kind: 'name', name: full };
  throw refused(`“${full.slice(0, 200)}”, which is not data`);
}

/** ('storage', type, key, location, elements[, view]) */
function storageOf(id: Pickled): PickledStorage {
  const [what, type, key, , elements, view] = Array.isArray(id) ? id : [];
  const storage = isName(type) ? STORAGE.exec(type.name)?.[1] : undefined;
  if (what !== 'storage' || storage === undefined || typeof key !== 'string' || typeof elements !== 'number')
    throw refused('a storage of an unknown kind');
  if (Array.isArray(view)) throw refused('views of storages');
  return { kind: 'storage', type: storage, key, elements };
}

function resultOf(callee: Pickled, given: Pickled): Pickled {
  if (!isName(callee) || !Array.isArray(given)) throw refused('a call');
  if (callee.name === ORDERED) return new Map();
  if (callee.name === PARAMETER) return given[0] ?? null;
  const [storage, offset, shape, stride] = given;
  if (callee.name !== TENSOR_V2 || !isStorage(storage) || typeof offset !== 'number') throw refused('a call');
  return { kind: 'tensor', storage, offset, shape: numbers(shape), stride: numbers(stride) };
}

/** PyTorch's own limit. */
const MOST_AXES = 64;

function numbers(value: Pickled | undefined): number[] {
  const isShape = (entry: unknown) => typeof entry === 'number' && Number.isSafeInteger(entry) && entry >= 0;
  if (Array.isArray(value) && value.length <= MOST_AXES && value.every(isShape)) return value as number[];
  throw refused('a tensor without a shape');
}

function isName(value: Pickled | undefined): value is Name {
  return isKind(value, 'name');
}

function isStorage(value: Pickled | undefined): value is PickledStorage {
  return isKind(value, 'storage');
}

export function isTensor(value: Pickled | undefined): value is PickledTensor {
  return isKind(value, 'tensor');
}

function isKind(value: Pickled | undefined, kind: string): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}

function refused(what: string): GenscopeError {
  return new GenscopeError(
    'extractor.invalid',
    `The file of weights holds ${what}; nothing of it was run.`,
    'Use the published file, as it was downloaded.',
  );
}

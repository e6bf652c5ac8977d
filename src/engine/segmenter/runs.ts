/** Running a network on many pictures: at once where that proves right, else one by one. */
import { asGenscopeError, GenscopeError } from '../../shared/kernel/errors.ts';
import { asNumbers, floatToHalf } from '../pictures/pixels.ts';
import type { Session, TensorData, TensorValue } from '../runtime/session.ts';
import type { NetworkInput } from './networkInput.ts';

export type Outputs = Readonly<Record<string, TensorValue>>;

/** Values of input and outputs in one run: 64 MB as floats, so that 150 classes at 512² do not fill the memory. */
const MOST_VALUES = 16e6;
/** Of the output's range: rounding between batch sizes stays far below, a row that leaks into the next far above. */
const TOLERANCE = 1e-3;

export class BatchedRuns {
  readonly #session: Session;
  readonly #input: NetworkInput;
  /** A batch axis fixed above 1 is always filled; undefined where it is free. */
  readonly #fixed: number | undefined;
  /** Whether several at once equal the same run alone; undefined until it has been tried. */
  #together: boolean | undefined;
  /** How many pictures of a size fit into one run, once one has been run. */
  #step: { readonly size: number; readonly many: number } | null = null;

  constructor(session: Session, input: NetworkInput) {
    this.#session = session;
    this.#input = input;
    this.#fixed = input.batch;
    if (this.#fixed !== undefined) this.#together = this.#fixed > 1;
  }

  /**
   * @param values [count, channels, height, width]; turned and rounded here where the network takes them otherwise
   * @param each   called in order for each run: its outputs, and how many pictures are in it
   * @throws GenscopeError as the runtime fails
   */
  async run(
    values: Float32Array,
    count: number,
    [height, width]: readonly [number, number],
    each: (outputs: Outputs, many: number) => void,
  ): Promise<void> {
    const { channels } = this.#input;
    const size = channels * height * width;
    const rows = (from: number, many: number) => values.subarray(from * size, (from + many) * size);
    const shape = [channels, height, width];
    if (this.#together === undefined && count > 1) this.#together = await this.#proves(rows(0, 2), shape);
    const known = this.#together && this.#step?.size === size ? this.#step.many : undefined;
    let step = this.#fixed ?? known ?? 1;
    for (let from = 0; from < count; ) {
      const many = Math.min(step, count - from);
      const outputs = await this.#once(rows(from, many), many, shape);
      each(outputs, many);
      from += many;
      if (this.#fixed !== undefined || !this.#together) continue;
      step = affordable(outputs, many, size);
      this.#step = { size, many: step };
    }
  }

  /** Two together against the same two alone: a symbolic batch axis is a claim, not a proof. */
  async #proves(pair: Float32Array, shape: readonly number[]): Promise<boolean> {
    const half = pair.length / 2;
    let together: Outputs;
    try {
      together = await this.#once(pair, 2, shape);
    } catch (thrown) {
      if (asGenscopeError(thrown).code !== 'runtime.failed') throw thrown;
      return false;
    }
    const alone = await this.#once(pair.subarray(half), 1, shape);
    return Object.entries(alone).every(([name, one]) => {
      const two = together[name];
      if (two?.shape[0] !== 2 || two.data.length !== 2 * one.data.length) return false;
      return closeTo(asNumbers(one.data, one.dtype), asNumbers(two.data, two.dtype));
    });
  }

  async #once(values: Float32Array, many: number, shape: readonly number[]): Promise<Outputs> {
    const batch = this.#fixed ?? many;
    const { name, dtype, layout } = this.#input;
    const full = batch === many ? values : padded(values, (values.length / many) * batch);
    const [channels = 1, height = 1, width = 1] = shape;
    const turned = layout === 'NHWC' ? channelsLast(full, batch, channels, height * width) : full;
    const axes = layout === 'NHWC' ? [batch, height, width, channels] : [batch, ...shape];
    return this.#session.run({ [name]: { dtype, shape: axes, data: asDtype(turned, dtype) } });
  }
}

/** How many pictures fit into one run, from what one of `many` took. */
function affordable(outputs: Outputs, many: number, size: number): number {
  const values = Object.values(outputs).reduce((sum, { data }) => sum + data.length, 0) / many + size;
  return Math.max(1, Math.floor(MOST_VALUES / values));
}

/** Whether `pair` ends in `one`. */
function closeTo(one: ArrayLike<number>, pair: ArrayLike<number>): boolean {
  let low = Infinity;
  let high = -Infinity;
  let most = 0;
  for (let i = 0; i < one.length; i++) {
    const value = one[i] as number;
    if (value < low) low = value;
    if (value > high) high = value;
    const difference = Math.abs((pair[one.length + i] as number) - value);
    if (difference > most) most = difference;
  }
  return most <= TOLERANCE * Math.max(high - low, 1e-12);
}

function padded(values: Float32Array, length: number): Float32Array {
  const out = new Float32Array(length);
  out.set(values);
  return out;
}

/** [n, c, plane] to [n, plane, c]. */
function channelsLast(values: Float32Array, count: number, channels: number, plane: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let i = 0; i < count; i++)
    for (let c = 0; c < channels; c++)
      for (let at = 0; at < plane; at++)
        out[(i * plane + at) * channels + c] = values[(i * channels + c) * plane + at] as number;
  return out;
}

/** Whole numbers are bytes: a resize leaves fractions, and a bicubic one goes beyond. */
function asDtype(values: Float32Array, dtype: string): TensorData {
  if (dtype === 'float32') return values;
  if (dtype === 'float16') return floatToHalf(values);
  if (dtype === 'float64') return Float64Array.from(values);
  const bytes = Uint8ClampedArray.from(values);
  switch (dtype) {
    case 'int16':
      return Int16Array.from(bytes);
    case 'uint16':
      return Uint16Array.from(bytes);
    case 'int32':
      return Int32Array.from(bytes);
    case 'uint32':
      return Uint32Array.from(bytes);
    case 'int64':
      return BigInt64Array.from(bytes, BigInt);
    case 'uint64':
      return BigUint64Array.from(bytes, BigInt);
    default:
      return new Uint8Array(bytes.buffer);
  }
}

/** Logits as floats, whatever the model keeps them in. @throws GenscopeError `segmenter.nonFinite` */
export function logitFloats({ data, dtype }: TensorValue, fileName: string): Float32Array {
  const numbers = asNumbers(data, dtype);
  const values = numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
  const bad = countNaN(values);
  if (bad > values.length * MOST_NAN) {
    const share = Math.round((100 * bad) / values.length);
    throw new GenscopeError(
      'segmenter.nonFinite',
      `${share} % of what ${fileName} says of these pictures is not a number (NaN).`,
      'Use the model in full precision (model.onnx), or export it again.',
    );
  }
  return values;
}

/** A few pixels of NaN have no concept; more than this and the whole map means nothing. */
const MOST_NAN = 0.01;

function countNaN(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  // One NaN makes the sum one; so do infinities of both signs, which are counted as none.
  if (!Number.isNaN(sum)) return 0;
  let bad = 0;
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) bad++;
  return bad;
}

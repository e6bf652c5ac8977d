/** Values in the shape and the type that an input of the graph asks for. */
import { GenscopeError } from '../../shared/kernel/errors.ts';
import { floatToHalf } from '../pictures/pixels.ts';
import type { TensorData, TensorValue, ValueInfo } from '../runtime/session.ts';
import type { FeedRequest } from './request.ts';

/** Values in the dtype the graph asks for. */
export function tensor(dtype: string, shape: readonly number[], values: Float32Array): TensorValue {
  return { dtype, shape, data: convert(dtype, values) };
}

function convert(dtype: string, values: Float32Array): TensorData {
  switch (dtype) {
    case 'float32':
      return values;
    case 'float64':
      return Float64Array.from(values);
    case 'float16':
      return floatToHalf(values);
    case 'int64':
      return BigInt64Array.from(values, (value) => BigInt(Math.round(value)));
    case 'int32':
      return Int32Array.from(values, Math.round);
    case 'uint8':
    case 'bool':
      return Uint8Array.from(values, Math.round);
    default:
      throw new GenscopeError(
        'model.unsupported',
        `An input has the type ${dtype}, which Genscope cannot feed.`,
        'Export the model with float32 inputs.',
        {
          next: ['copyExportCode'],
        },
      );
  }
}

/** What of a request decides how many rows a tensor has. */
type Rows = Pick<FeedRequest, 'count' | 'fixedRows'>;

/** Whether an input has a batch axis: any number of rows, as many as the file fixes, or no such axis at all. */
function batchAxis({ shape }: Pick<ValueInfo, 'shape'>, fixed: number): 'open' | 'fixed' | 'one' | 'none' {
  const [first] = shape;
  if (first === undefined) return 'none';
  // An exporter's 0 is “any”.
  if (typeof first !== 'number' || first <= 0) return fixed > 1 ? 'fixed' : 'open';
  if (first === 1) return fixed > 1 ? 'one' : 'open';
  return first === fixed ? 'fixed' : 'none';
}

/**
 * The rows of a batch, [count, …tail], as the input takes them: as they are; filled up with the last one where the file
 * fixes how many a run has; the first alone where there is one row or no batch axis.
 */
export function rowsTensor(
  input: ValueInfo,
  tail: readonly number[],
  values: Float32Array,
  { count, fixedRows = 1 }: Rows,
): TensorValue {
  const size = elements(tail);
  const axis = tail.length === input.shape.length ? 'none' : batchAxis(input, fixedRows);
  if (axis === 'open') return tensor(input.dtype, [count, ...tail], values);
  const rows = Math.max(count, fixedRows);
  if (axis === 'fixed') return tensor(input.dtype, [rows, ...tail], filledUp(values, size, count, rows));
  const first = values.subarray(0, size);
  return tensor(input.dtype, axis === 'one' ? [1, ...tail] : tail, first);
}

/** [count, size] with the last row again until there are `rows`. */
export function filledUp(values: Float32Array, size: number, count: number, rows: number): Float32Array {
  if (count >= rows) return values;
  const filled = new Float32Array(rows * size);
  filled.set(values.subarray(0, count * size));
  const last = values.subarray((count - 1) * size, count * size);
  for (let row = count; row < rows; row++) filled.set(last, row * size);
  return filled;
}

/** As declared. */
export function axesBehindBatch(input: ValueInfo, fixedRows = 1): (number | string)[] {
  return batchAxis(input, fixedRows) === 'none' ? [...input.shape] : input.shape.slice(1);
}

/** One value everywhere; axes of unknown size are 1, the batch as many as are asked for. */
export function fill(input: ValueInfo, { count, fixedRows = 1 }: Rows, value: number): TensorValue {
  const rows = Math.max(count, fixedRows);
  const shape = input.shape.map((size, axis) =>
    typeof size === 'number' && size > 0 ? size : axis === 0 ? rows : 1,
  );
  return tensor(input.dtype, shape, new Float32Array(elements(shape)).fill(value));
}

/**
 * Everything after the batch axis; all axes where there is none.
 * @param fixedRows of a run, where the file fixes them
 * @throws GenscopeError `model.rolesUnknown` when it is not written in the graph
 */
export function tailOf(input: ValueInfo, fixedRows = 1): number[] {
  const tail = axesBehindBatch(input, fixedRows);
  if (!tail.every((size): size is number => typeof size === 'number' && size > 0)) {
    throw new GenscopeError(
      'model.rolesUnknown',
      `The size of the input ${input.name} is not written in the model: [${input.shape.map((size) => size || '?').join(', ')}].`,
      'Export it with only the batch axis dynamic.',
      { next: ['copyExportCode'] },
    );
  }
  return tail;
}

export function elements(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** Values in the shape and the type that an input of the graph asks for. */
import { GenscopeError } from '../../shared/errors.ts';
import { floatToHalf } from '../pixels.ts';
import type { TensorData, TensorValue, ValueInfo } from '../runtime/session.ts';

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

/** One value everywhere; axes of unknown size are 1, the batch `count`. */
export function fill(input: ValueInfo, count: number, value: number): TensorValue {
  const shape = input.shape.map((size, axis) => (typeof size === 'number' ? size : axis === 0 ? count : 1));
  return tensor(input.dtype, shape, new Float32Array(elements(shape)).fill(value));
}

/**
 * Everything after the batch axis.
 * @throws GenscopeError `model.rolesUnknown` when it is not written in the graph
 */
export function tailOf(input: ValueInfo): number[] {
  const tail = input.shape.slice(1);
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

/** The input of a network that looks at pictures: which one it is, and how its axes, numbers and batch are. */
import type { GenscopeError } from '../../shared/kernel/errors.ts';
import type { ValueInfo } from '../runtime/session.ts';

export interface NetworkInput {
  readonly name: string;
  readonly dtype: string;
  readonly channels: 1 | 3;
  readonly layout: 'NCHW' | 'NHWC';
  /** [height, width]; null where both are free. */
  readonly size: readonly [number, number] | null;
  /** A batch that is fixed; undefined where it is free. */
  readonly batch: number | undefined;
  /** Takes integers: bytes as they are, never normalised. */
  readonly wholeNumbers: boolean;
}

const FLOATS = new Set(['float32', 'float16', 'float64']);
const WHOLE = new Set(['uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64']);

/** @param unsuitable makes the error of who asks: what it says, and what to do */
export function networkInput(
  inputs: readonly ValueInfo[],
  fileName: string,
  what: string,
  unsuitable: (says: string) => GenscopeError,
): NetworkInput {
  const pictures = inputs.filter(({ shape }) => shape.length === 4);
  const input = pictures.find(({ name }) => name === 'pixel_values') ?? pictures[0];
  if (!input) {
    const shapes = inputs.map(({ name, shape }) => `${name} [${shape.join(', ')}]`);
    throw unsuitable(
      `${fileName} takes no picture: none of its inputs (${shapes.join(', ')}) has four axes.`,
    );
  }
  const others = inputs.filter((other) => other !== input);
  if (others.length > 0)
    throw unsuitable(`${fileName} needs more than a picture: ${others.map(({ name }) => name).join(', ')}.`);
  const { dtype, shape } = input;
  const layout = layoutOf(shape);
  const channels = layout === 'NHWC' ? shape[3] : shape[1];
  if (typeof channels === 'number' && channels !== 1 && channels !== 3)
    throw unsuitable(
      `${fileName} takes pictures ${typeof channels === 'number' ? `with ${channels} channels, ` : 'as '}[${shape.join(', ')}]; ${what} takes one or three channels, [N, C, h, w] or [N, h, w, C].`,
    );
  if (dtype === 'int8')
    throw unsuitable(
      `${fileName} takes pictures as int8, and nothing says how colours from 0 to 255 come to −128…127.`,
    );
  if (!FLOATS.has(dtype) && !WHOLE.has(dtype)) throw unsuitable(`${fileName} takes pictures as ${dtype}.`);
  const [height, width] = layout === 'NHWC' ? [shape[1], shape[2]] : [shape[2], shape[3]];
  const [batch] = shape;
  return {
    ...{ name: input.name, dtype, layout, channels: channels === 1 ? 1 : 3 },
    size: typeof height === 'number' && typeof width === 'number' ? [height, width] : null,
    batch: typeof batch === 'number' && batch > 0 ? batch : undefined,
    wholeNumbers: WHOLE.has(dtype),
  };
}

function layoutOf(shape: ValueInfo['shape']): 'NCHW' | 'NHWC' {
  const [, second, third, last] = shape;
  const isColour = (axis: number | string | undefined) => axis === 3 || axis === 1;
  if (isColour(second) || (typeof second !== 'number' && !isColour(last))) return 'NCHW';
  // One pixel of many channels is a latent.
  return isColour(last) && third !== 1 ? 'NHWC' : 'NCHW';
}

/**
 * What a network does to the values of a picture before it looks at it: (x − mean) / std, 2x − 1, x / 255 … In the graph these
 * are constants, so that they tell which values the network was made to take.
 */
import type { NodeProto } from 'onnx-buf';
import type { GraphIndex } from '../graph.ts';
import { isStandard } from '../proto.ts';

/** y = scale · x + offset, for each channel. */
export interface ChannelAffine {
  readonly scale: readonly number[];
  readonly offset: readonly number[];
}

export interface Head {
  /** All steps together; null where there are none, or one that is no constant. */
  readonly affine: ChannelAffine | null;
  /** The operators, in order: "Sub, Div". */
  readonly by: string;
  /** It brings pictures to its own size, so that they come as they are. */
  readonly resizes: boolean;
}

const MAX_STEPS = 32;
const MOVES = new Set([
  ...['Identity', 'Cast', 'CastLike', 'Transpose', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Dropout'],
  ...['Pad', 'Slice', 'Clip', 'Round', 'QuantizeLinear', 'DequantizeLinear', 'CenterCropPad'],
]);
const RESIZES = new Set(['Resize', 'Upsample', 'GridSample']);

/** @param channels of the picture: constants of as many elements are one for each */
export function readHead(graph: GraphIndex, input: string, channels: number): Head {
  let scale = new Array<number>(channels).fill(1);
  let offset = new Array<number>(channels).fill(0);
  const by: string[] = [];
  let resizes = false;
  let tensor = input;
  for (let i = 0; i < MAX_STEPS; i++) {
    const node = onlyReader(graph, tensor);
    if (node === undefined || !isStandard(node)) break;
    if (RESIZES.has(node.opType)) resizes = true;
    else if (!MOVES.has(node.opType)) {
      const step = stepOf(graph, node, tensor, channels);
      if (step === null) break;
      scale = scale.map((value, c) => value * (step.scale[c] as number));
      offset = offset.map((value, c) => value * (step.scale[c] as number) + (step.offset[c] as number));
      by.push(node.opType);
    }
    tensor = node.output[0] ?? '';
  }
  const affine = by.length === 0 ? null : { scale, offset };
  return { affine, by: by.join(', '), resizes: resizes || takenApart(graph, input) };
}

/** Who asks only how large a picture is does not read it. */
function onlyReader(graph: GraphIndex, tensor: string): NodeProto | undefined {
  const readers = graph.consumers(tensor).filter(({ opType }) => opType !== 'Shape' && opType !== 'Size');
  return readers.length === 1 ? readers[0] : undefined;
}

/** TensorFlow's way of resizing (torch-fidelity's Inception): corners gathered from the picture, and mixed. */
function takenApart(graph: GraphIndex, input: string): boolean {
  const seen = new Set([input]);
  const edge = [input];
  for (let i = 0; i < 64 && edge.length > 0; i++) {
    for (const node of graph.consumers(edge.shift() as string)) {
      if (['Conv', 'MatMul', 'Gemm'].includes(node.opType)) continue;
      if (['Gather', 'GatherND', 'GatherElements', ...RESIZES].includes(node.opType) && node.input[0] !== '')
        return !graph.values(node.input[0] ?? '');
      for (const output of node.output)
        if (output !== '' && !seen.has(output)) {
          seen.add(output);
          edge.push(output);
        }
    }
  }
  return false;
}

function stepOf(graph: GraphIndex, node: NodeProto, tensor: string, channels: number): ChannelAffine | null {
  const [a = '', b = ''] = node.input;
  const isFirst = a === tensor;
  const constant = perChannel(graph, isFirst ? b : a, channels);
  if (constant === null) return null;
  const all = (value: number) => new Array<number>(channels).fill(value);
  switch (node.opType) {
    case 'Add':
      return { scale: all(1), offset: constant };
    case 'Sub':
      return isFirst
        ? { scale: all(1), offset: constant.map((value) => -value) }
        : { scale: all(-1), offset: constant };
    case 'Mul':
      return { scale: constant, offset: all(0) };
    case 'Div':
      return isFirst ? { scale: constant.map((value) => 1 / value), offset: all(0) } : null;
    default:
      return null;
  }
}

/** One number for all channels, or one for each, wherever the axis of channels is: [3, 1, 1], [1, 3, 1, 1], [3]. */
function perChannel(graph: GraphIndex, tensor: string, channels: number): number[] | null {
  const values = graph.values(tensor);
  if (values?.length === 1) return new Array<number>(channels).fill(values[0] as number);
  return values?.length === channels ? values : null;
}

/** The numbers of a weight as little-endian bytes, read piece by piece and rewritten on the way. */
import type { TensorProto } from 'onnx-buf';
import { GenscopeError } from '../../../shared/kernel/errors.ts';
import { byteLength } from '../../dtypes.ts';
import { externalEntry } from '../../external.ts';
import { elementCount } from '../../open.ts';
import { EXTERNAL } from '../../proto.ts';
import { DOUBLE } from '../build.ts';
import type { WeightRewrite, WeightSource } from './types.ts';

export interface Payload {
  readonly bytes: number;
  readonly chunks: () => Iterable<Uint8Array>;
}

/** A multiple of every element size. */
const CHUNK = 1 << 20;

/** Whether the numbers are an array of bytes somewhere, and not in one of protobuf's own lists of integers or strings. */
export function hasPayload(tensor: TensorProto): boolean {
  return (
    tensor.dataLocation === EXTERNAL ||
    tensor.rawData.length > 0 ||
    tensor.floatData.length > 0 ||
    tensor.doubleData.length > 0
  );
}

export function payloadOf(tensor: TensorProto, weights: WeightSource, rewrite?: WeightRewrite): Payload {
  const plain = plainPayload(tensor, weights);
  if (rewrite === undefined) return plain;
  return { bytes: plain.bytes, chunks: () => rewritten(plain.chunks(), rewrite, tensor.dataType === DOUBLE) };
}

export function readAll(tensor: TensorProto, weights: WeightSource): Uint8Array<ArrayBuffer> {
  const { bytes, chunks } = plainPayload(tensor, weights);
  const out = new Uint8Array(bytes);
  let offset = 0;
  for (const chunk of chunks()) {
    out.set(chunk, offset);
    offset += chunk.length;
  }
  return out;
}

function plainPayload(tensor: TensorProto, weights: WeightSource): Payload {
  if (tensor.dataLocation === EXTERNAL) {
    const location = externalEntry(tensor, 'location') ?? '';
    const offset = Number(externalEntry(tensor, 'offset') ?? 0);
    const length = externalEntry(tensor, 'length');
    const bytes =
      length === undefined ? (byteLength(tensor.dataType, elementCount(tensor)) ?? 0) : Number(length);
    return { bytes, chunks: () => readFrom(weights, location, offset, bytes) };
  }
  const held = heldBytes(tensor);
  return { bytes: held.length, chunks: () => [held.slice()] };
}

function heldBytes(tensor: TensorProto): Uint8Array {
  if (tensor.floatData.length > 0) return new Uint8Array(Float32Array.from(tensor.floatData).buffer);
  if (tensor.doubleData.length > 0) return new Uint8Array(Float64Array.from(tensor.doubleData).buffer);
  return tensor.rawData;
}

function* readFrom(
  weights: WeightSource,
  location: string,
  offset: number,
  bytes: number,
): Generator<Uint8Array> {
  const source = weights(location);
  for (let done = 0; done < bytes; ) {
    const length = Math.min(CHUNK, bytes - done);
    const read = source.read(offset + done, length);
    if (read.length < length) throw shortened(location);
    // Sources may use their buffer again.
    yield read.slice();
    done += length;
  }
}

function* rewritten(
  chunks: Iterable<Uint8Array>,
  { inner, scale, shift }: WeightRewrite,
  double: boolean,
): Generator<Uint8Array> {
  let element = 0;
  for (const chunk of chunks) {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const step = double ? 8 : 4;
    for (let at = 0; at + step <= chunk.length; at += step, element++) {
      const channel = Math.floor(element / inner) % scale.length;
      const s = scale[channel] as number;
      // A unit that is switched off is off, also where its weights overflowed.
      const kept = s === 0 ? 0 : s * (double ? view.getFloat64(at, true) : view.getFloat32(at, true));
      const value = kept + (shift[channel] as number);
      if (double) view.setFloat64(at, value, true);
      else view.setFloat32(at, value, true);
    }
    yield chunk;
  }
}

function shortened(location: string): GenscopeError {
  return new GenscopeError(
    'model.changed',
    `“${location}” became shorter while it was read.`,
    'Wait until whatever writes it has finished, and try again.',
  );
}

/** Running models that surgery made: sessions, feeds by declared shapes, and distances. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ModelProto } from 'onnx-buf';
import { floatToHalf } from '../../../src/engine/pictures/pixels.ts';
import { Session, type TensorValue } from '../../../src/engine/runtime/session.ts';
import { GraphIndex } from '../../../src/onnx/graph.ts';
import { memorySource, openModel, serialize } from '../../../src/onnx/open.ts';
import { expose } from '../../../src/onnx/surgery/expose.ts';

export const MODELS = fileURLToPath(new URL('../../fixtures/models/', import.meta.url));
export const DEMO = fileURLToPath(new URL('../../../media/demo/generator.onnx', import.meta.url));

export interface Opened {
  readonly model: ModelProto;
  readonly folder: string;
  readonly name: string;
}

export function open(file: string): Opened {
  const at = path.isAbsolute(file) ? file : MODELS + file;
  const name = path.basename(at);
  const { model } = openModel(memorySource(new Uint8Array(readFileSync(at))), name);
  return { model, folder: path.dirname(at), name };
}

export type Feeds = Record<string, TensorValue>;

export async function run(
  model: ModelProto,
  folder: string,
  feeds: Feeds,
  optimize = false,
): Promise<Record<string, TensorValue>> {
  const session = await Session.fromBytes(serialize(model), folder, {
    threads: 1,
    optimize: optimize ? 'all' : 'disabled',
  });
  try {
    const wanted = new Set(session.inputs.map(({ name }) => name));
    return await session.run(Object.fromEntries(Object.entries(feeds).filter(([name]) => wanted.has(name))));
  } finally {
    await session.release();
  }
}

/** Numbers in [−1, 1) from a name and a seed, always the same. */
export function noise(count: number, seed: string): Float32Array {
  let state = 2166136261;
  for (let i = 0; i < seed.length; i++) state = Math.imul(state ^ seed.charCodeAt(i), 16777619);
  return Float32Array.from({ length: count }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    state ^= state >>> 13;
    return (state >>> 0) / 2 ** 31 - 1;
  });
}

/** A value for every input: symbolic dimensions become `rows`, or the shape that is given. */
export function feedsFor(
  model: ModelProto,
  {
    rows = 1,
    shapes = {},
    seed = '',
  }: { rows?: number; shapes?: Record<string, readonly number[]>; seed?: string } = {},
): Feeds {
  const feeds: Feeds = {};
  for (const { name, dtype, shape } of new GraphIndex(model).inputs) {
    const dims =
      shapes[name] ??
      (shape ?? []).map((size, axis) => (typeof size === 'number' ? size : axis === 0 ? rows : 8));
    const values = noise(count(dims), seed + name);
    if (dtype === 'int64')
      feeds[name] = { dtype, shape: dims, data: BigInt64Array.from(values, (v) => BigInt(v > 0 ? 1 : 0)) };
    else if (dtype === 'float16') feeds[name] = { dtype, shape: dims, data: floatToHalf(values) };
    else feeds[name] = { dtype: 'float32', shape: dims, data: values };
  }
  return feeds;
}

export const count = (dims: readonly number[]) => dims.reduce((product, size) => product * size, 1);

export function f32(shape: readonly number[], values: ArrayLike<number>): TensorValue {
  return { dtype: 'float32', shape, data: Float32Array.from(values) };
}

export function numbers(value: TensorValue | undefined): number[] {
  if (value === undefined) throw new Error('no such tensor');
  return value.dtype === 'float16'
    ? Array.from(value.data as Uint16Array, half)
    : Array.from(value.data as Float32Array, Number);
}

function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** Largest difference of two tensors of one shape; NaN equals NaN. */
export function distance(a: TensorValue | undefined, b: TensorValue | undefined): number {
  if (a?.shape.join() !== b?.shape.join()) throw new Error(`shapes differ: ${a?.shape} and ${b?.shape}`);
  const [left, right] = [numbers(a), numbers(b)];
  return left.reduce((most, value, i) => {
    const other = right[i] ?? Number.NaN;
    return Object.is(value, other)
      ? most
      : Math.max(most, Number.isNaN(value - other) ? Infinity : Math.abs(value - other));
  }, 0);
}

/** Concrete shapes of everything in the graph, from one run without optimisation (ONNXRUNTIME.md). */
export async function shapesOf(
  { model, folder }: Opened,
  feeds: Feeds,
): Promise<Map<string, readonly number[]>> {
  const all = new GraphIndex(model).nodes.flatMap(({ output }) => output).filter((name) => name !== '');
  const outputs = await run(expose(model, all), folder, feeds);
  return new Map(Object.entries(outputs).map(([name, { shape }]) => [name, shape]));
}

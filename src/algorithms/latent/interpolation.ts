/**
 * Between latents: along a path of keys, or across a grid of four corners.
 * Sources: slerp: Shoemake, "Animating Rotation with Quaternion Curves", SIGGRAPH 1985, on the normalised vectors
 * as in White, arXiv 1609.04468; angle: Kahan, "How Futile are Mindless Assessments of Roundoff", §12.
 */
import type { Interpolation } from '../../shared/samples/latents.ts';

/** Radians (or π minus this) under which two vectors count as parallel: an arc so short is a line in float32. */
const PARALLEL = 1e-4;

/** (1 − t)·a + t·b, float32 [d], computed in float64; exactly a at t = 0 and b at t = 1. */
export function lerp(a: Float32Array, b: Float32Array, t: number): Float32Array {
  return a.map((value, i) => (1 - t) * value + t * (b[i] as number));
}

/**
 * Along the great circle from a to b, float32 [d]: the directions turn at constant speed while the norm goes linearly
 * from |a| to |b|. Nearly parallel vectors, and any pair with a zero, fall back to lerp. Opposite
 * vectors have no shortest arc: they turn by way of the coordinate axis that a has least of, so that the norm is kept there
 * too; in one dimension there is no way round, and lerp passes through zero.
 */
export function slerp(a: Float32Array, b: Float32Array, t: number): Float32Array {
  if (t === 0) return a.slice();
  if (t === 1) return b.slice();
  const normA = norm(a);
  const normB = norm(b);
  const angle = angleBetween(a, normA, b, normB);
  const opposite = Math.PI - angle < PARALLEL;
  if (angle < PARALLEL || (opposite && a.length < 2)) return lerp(a, b, t);
  const length = (1 - t) * normA + t * normB;
  if (opposite) return turn(a, normA, perpendicular(a, normA), Math.PI * t, length);
  const weightA = (length * Math.sin((1 - t) * angle)) / (Math.sin(angle) * normA);
  const weightB = (length * Math.sin(t * angle)) / (Math.sin(angle) * normB);
  return a.map((value, i) => weightA * value + weightB * (b[i] as number));
}

/** `lerp` or `slerp` by name. */
export function between(method: Interpolation, a: Float32Array, b: Float32Array, t: number): Float32Array {
  return method === 'slerp' ? slerp(a, b, t) : lerp(a, b, t);
}

/** Top-left, top-right, bottom-left, bottom-right. */
export type Corners<T> = readonly [T, T, T, T];

/** Bilinear or, with slerp, bislerp: along the top and the bottom edge by u, then between the two by v; u, v in [0, 1]. */
export function acrossGrid(
  method: Interpolation,
  corners: Corners<Float32Array>,
  u: number,
  v: number,
): Float32Array {
  const [topLeft, topRight, bottomLeft, bottomRight] = corners;
  const top = between(method, topLeft, topRight, u);
  const bottom = between(method, bottomLeft, bottomRight, u);
  return between(method, top, bottom, v);
}

/** Where frame i stands: a share t in [0, 1) of the way from one key to another. */
export interface PathPosition {
  readonly from: number;
  readonly to: number;
  readonly t: number;
}

/**
 * Frame i of `steps` along `keys` key points. Open: the first frame is the first key, the last the last. Loop: the way leads
 * back to the first key, and the last frame is one step before it, so that the film plays on without a stutter.
 */
export function pathPosition(i: number, steps: number, keys: number, loop: boolean): PathPosition {
  const segments = loop ? keys : keys - 1;
  const intervals = loop ? steps : Math.max(steps - 1, 1);
  const from = Math.floor((i * segments) / intervals);
  return { from, to: (from + 1) % keys, t: ((i * segments) % intervals) / intervals };
}

/** Where cell i of a grid stands, row by row: u along a row, v down a column, both from 0 to 1 (0 where there is but one). */
export function gridPosition(i: number, rows: number, columns: number): { u: number; v: number } {
  return { u: (i % columns) / Math.max(columns - 1, 1), v: Math.floor(i / columns) / Math.max(rows - 1, 1) };
}

function norm(a: Float32Array): number {
  return Math.sqrt(a.reduce((sum, value) => sum + value * value, 0));
}

/** In [0, π]; 2·atan2(|b̂ − â|, |b̂ + â|) keeps its digits where acos loses them, and is 0 when a vector is. */
function angleBetween(a: Float32Array, normA: number, b: Float32Array, normB: number): number {
  let difference = 0;
  let sum = 0;
  a.forEach((value, i) => {
    const scaledA = value * normB;
    const scaledB = (b[i] as number) * normA;
    difference += (scaledB - scaledA) ** 2;
    sum += (scaledB + scaledA) ** 2;
  });
  return 2 * Math.atan2(Math.sqrt(difference), Math.sqrt(sum));
}

/** A unit vector at right angles to a: the axis of a's smallest component, less its part along a. */
function perpendicular(a: Float32Array, normA: number): Float64Array {
  const axis = a.reduce((best, value, i) => (Math.abs(value) < Math.abs(a[best] as number) ? i : best), 0);
  const along = (a[axis] as number) / normA;
  const across = Math.sqrt(1 - along * along);
  return Float64Array.from(a, (value, i) => ((i === axis ? 1 : 0) - (along * value) / normA) / across);
}

function turn(
  a: Float32Array,
  normA: number,
  side: Float64Array,
  angle: number,
  length: number,
): Float32Array {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return a.map((value, i) => length * ((cos * value) / normA + sin * (side[i] as number)));
}

/** The zoo's manifest (its schema stands in test/fixtures/zoo/README.md), and the tensors that its recipes describe. */
import fs from 'node:fs';
import path from 'node:path';
import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';
import { tensor } from '../../../src/engine/feeds/feeds.ts';
import type { TensorValue } from '../../../src/engine/runtime/session.ts';
import { ROOT } from '../support/engine.ts';

export const ZOO = path.join(ROOT, 'test', 'fixtures', 'zoo');

export type ZooRole =
  | 'latent'
  | 'class'
  | 'truncation'
  | 'noise'
  | 'image'
  | 'codes'
  | 'styles'
  | 'timestep'
  | 'embedding';

export type Feed = { readonly shape: readonly number[]; readonly dtype: 'float32' | 'int64' } & (
  | {
      readonly draw: 'normal';
      readonly seed: number;
      readonly scale: number;
      readonly clip?: readonly [number, number];
    }
  | { readonly draw: 'onehot' | 'constant'; readonly value: number }
  | { readonly draw: 'quadratic'; readonly seed: number; readonly modulo: number }
);

export interface ZooInput {
  readonly name: string;
  readonly role: ZooRole;
  readonly encoding?: 'onehot' | 'index' | 'embedded';
  readonly classes?: number;
  readonly count?: number;
  readonly shape: readonly (number | 'N')[];
  readonly feeds: readonly [Feed, Feed];
}

export interface ReferenceOutput {
  readonly output: string;
  readonly run: 0 | 1;
  readonly shape: readonly number[];
  readonly stride: number;
  readonly kept: readonly number[];
  readonly offset: number;
}

export interface Variant {
  readonly id: string;
  readonly family: string;
  readonly kind:
    | 'generator'
    | 'imageToImage'
    | 'discriminator'
    | 'classifier'
    | 'segmenter'
    | 'encoder'
    | 'diffusion';
  readonly inputs: readonly ZooInput[];
  readonly outputs: readonly {
    readonly name: string;
    readonly role: 'image' | 'scores' | 'maps' | 'latent' | 'other';
    readonly layout: string | null;
    readonly range: string | null;
  }[];
  readonly reference: { readonly file: string; readonly outputs: readonly ReferenceOutput[] };
}

export interface Wanted {
  readonly file: string;
  readonly variant: string;
  readonly exporter: 'torchscript' | 'dynamo';
  readonly opset: number;
  readonly precision: 'fp32' | 'fp16' | 'mixed';
  readonly io: 'fp32' | 'fp16';
  readonly batch: 1 | 'dynamic';
  readonly data: 'inline' | 'external';
}

export interface ZooFile extends Wanted {
  readonly random: readonly { readonly op: string; readonly name: string }[];
  /** `true`, or why the runtime does not open the file as it is. */
  readonly opens: true | string;
}

export interface Refused extends Wanted {
  readonly step: 'export' | 'run';
  readonly reason: string;
}

interface Zoo {
  readonly variants: readonly Variant[];
  readonly files: readonly ZooFile[];
  readonly refused: readonly Refused[];
}

export const zoo = JSON.parse(fs.readFileSync(path.join(ZOO, 'zoo.json'), 'utf8')) as Zoo;

const variants = new Map(zoo.variants.map((variant) => [variant.id, variant]));

export function variantOf(id: string): Variant {
  const found = variants.get(id);
  if (found === undefined) throw new Error(`zoo.json has no variant ${id}`);
  return found;
}

/** The values of a recipe; `draw` in kit/spec.py is the definition. */
export function draw(feed: Feed): Float32Array {
  const count = feed.shape.reduce((product, size) => product * size, 1);
  switch (feed.draw) {
    case 'normal': {
      const [low, high] = feed.clip ?? [-Infinity, Infinity];
      const scale = Math.fround(feed.scale);
      const normals = new NumpyRandom(feed.seed).normals(count);
      return normals.map((value) => Math.min(Math.max(Math.fround(value * scale), low), high));
    }
    case 'onehot': {
      const last = feed.shape.at(-1) ?? 1;
      return new Float32Array(count).map((_, i) => (i % last === feed.value ? 1 : 0));
    }
    case 'quadratic':
      return new Float32Array(count).map((_, i) => (i * i + 3 * i + 7 * feed.seed) % feed.modulo);
    case 'constant':
      return new Float32Array(count).fill(feed.value);
  }
}

/** What an input is fed with in one of the two reference runs, in the type that the file asks for. */
export function fed(input: ZooInput, run: 0 | 1, dtype: string): TensorValue {
  const feed = input.feeds[run];
  return tensor(dtype, feed.shape, draw(feed));
}

/** Every `stride`-th row and column of a tensor [N, C, H, W], as the references keep them; other ranks are whole. */
export function subsample(values: ArrayLike<number>, { shape, stride, kept }: ReferenceOutput): Float32Array {
  if (stride === 1) return Float32Array.from(values);
  const [height = 1, width = 1] = shape.slice(-2);
  const [rows = 1, columns = 1] = kept.slice(-2);
  const count = kept.reduce((product, size) => product * size, 1);
  return new Float32Array(count).map((_, i) => {
    const plane = Math.floor(i / (rows * columns));
    const y = Math.floor(i / columns) % rows;
    return values[(plane * height + y * stride) * width + (i % columns) * stride] ?? Number.NaN;
  });
}

/** What the framework computed for one output of one run. */
export function reference(variant: Variant, output: ReferenceOutput): Float32Array {
  const bytes = fs.readFileSync(path.join(ZOO, variant.reference.file));
  const count = output.kept.reduce((product, size) => product * size, 1);
  return new Float32Array(count).map((_, i) => bytes.readFloatLE(output.offset + 4 * i));
}

/** A file of the zoo as surgery sees it: opened, its noise pinned, and everything it is to be fed with. */
import fs from 'node:fs';
import path from 'node:path';
import type { ModelProto } from 'onnx-buf';
import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';
import { discoverLayers } from '../../../src/engine/open/layers.ts';
import { tensorShapes } from '../../../src/engine/open/shapes.ts';
import { Session, type TensorData, type TensorValue } from '../../../src/engine/runtime/session.ts';
import { GraphIndex } from '../../../src/onnx/graph.ts';
import { memorySource, type OpenedModel, openModel, serialize } from '../../../src/onnx/open.ts';
import { declareNoise, type PinnedNoise, pinNoise } from '../../../src/onnx/surgery/pinNoise/pinNoise.ts';
import type { LayerDescription } from '../../../src/shared/generator/model.ts';
import { type Feeds, f32 } from '../surgery/support.ts';
import { fed, type Variant, variantOf, ZOO, type ZooFile } from './manifest.ts';

export interface Subject {
  readonly file: ZooFile;
  readonly variant: Variant;
  /** Whether its layers are shown to a person. */
  readonly isListed: boolean;
  readonly folder: string;
  readonly opened: OpenedModel;
  /** The model with its noise pinned and declared as the engine does it. */
  readonly model: ModelProto;
  readonly noise: readonly PinnedNoise[];
  /** Sizes of the noise inputs for one sample. */
  readonly noiseShapes: ReadonlyMap<string, readonly number[]>;
}

export async function openSubject(file: ZooFile): Promise<Subject> {
  const at = path.join(ZOO, file.file);
  const variant = variantOf(file.variant);
  const isListed = variant.kind === 'generator' || variant.kind === 'imageToImage';
  const opened = openModel(memorySource(new Uint8Array(fs.readFileSync(at))), path.basename(at));
  const folder = path.dirname(at);
  const { model, noise, probe, left } = pinNoise(opened.model);
  if (left.length > 0) throw new Error(`${file.file} keeps random nodes: ${left.join(', ')}`);
  const noiseShapes = new Map<string, readonly number[]>();
  if (noise.length > 0) {
    const subject = { variant, opened, noise: [], noiseShapes };
    const outputs = await runOnce(
      await Session.unfused(serialize(probe), folder, { threads: 0 }),
      feedsOf(subject, 0, 'off'),
    );
    for (const { input, shapeFrom } of noise) noiseShapes.set(input, outputs[shapeFrom]?.shape ?? []);
  }
  const free = [...noiseShapes].map(([name, shape]) => [name, freeRows(shape)] as const);
  const declared = declareNoise(model, new Map(free));
  return { file, variant, isListed, folder, opened, model: declared, noise, noiseShapes };
}

const freeRows = (shape: readonly number[]): readonly (number | string)[] =>
  shape[0] === 1 && shape.length > 1 ? ['batch', ...shape.slice(1)] : shape;

/** One of the two reference runs. Noise that is on is drawn for that run; settings that are no rows keep their value. */
export function feedsOf(
  { opened, variant, noise, noiseShapes }: Pick<Subject, 'opened' | 'variant' | 'noise' | 'noiseShapes'>,
  run: 0 | 1,
  chance: 'on' | 'off',
  settings: 0 | 1 = run,
): Feeds {
  const feeds: Feeds = {};
  for (const { name, dtype } of new GraphIndex(opened.model).inputs) {
    const input = variant.inputs.find((one) => one.name === name);
    if (input !== undefined) feeds[name] = fed(input, input.shape[0] === 'N' ? run : settings, dtype);
  }
  for (const [i, { input, kind, neutral }] of noise.entries()) {
    const shape = noiseShapes.get(input) ?? [];
    const size = shape.reduce((product, length) => product * length, 1);
    const random = new NumpyRandom(1000 * run + i);
    const drawn = () => (kind === 'normal' ? random.normals(size) : random.uniforms(size));
    feeds[input] = f32(shape, chance === 'on' ? drawn() : new Float32Array(size).fill(neutral));
  }
  return feeds;
}

/** Two runs as one of two rows; what has no row for each sample is taken from the first. */
export function paired({ variant, noiseShapes }: Subject, first: Feeds, second: Feeds): Feeds {
  const hasRows = (name: string) =>
    variant.inputs.find((one) => one.name === name)?.shape[0] === 'N' ||
    freeRows(noiseShapes.get(name) ?? []).includes('batch');
  return Object.fromEntries(
    Object.entries(first).map(([name, value]) => [
      name,
      hasRows(name) ? stacked(value, second[name] ?? value) : value,
    ]),
  );
}

function stacked(a: TensorValue, b: TensorValue): TensorValue {
  const Data = a.data.constructor as new (length: number) => TensorData;
  const data = new Data(a.data.length + b.data.length);
  // Both are the same input of the same file.
  (data as Float32Array).set(a.data as Float32Array);
  (data as Float32Array).set(b.data as Float32Array, a.data.length);
  return { dtype: a.dtype, shape: [(a.shape[0] ?? 1) + (b.shape[0] ?? 1), ...a.shape.slice(1)], data };
}

/** A session as the engine makes it. */
export function sessionOf(model: ModelProto, folder: string): Promise<Session> {
  return Session.fromBytes(serialize(model), folder, { threads: 1, optimize: 'all' });
}

export async function runWith(session: Session, feeds: Feeds): Promise<Record<string, TensorValue>> {
  const wanted = new Set(session.inputs.map(({ name }) => name));
  return session.run(Object.fromEntries(Object.entries(feeds).filter(([name]) => wanted.has(name))));
}

export async function runOnce(session: Session, feeds: Feeds): Promise<Record<string, TensorValue>> {
  try {
    return await runWith(session, feeds);
  } finally {
    await session.release();
  }
}

/** The layers that are listed, and the size of every tensor. */
export async function layersOf(subject: Subject): Promise<{
  layers: readonly LayerDescription[];
  shapes: ReadonlyMap<string, readonly number[]>;
}> {
  const { model, folder, opened } = subject;
  const feeds = () => feedsOf(subject, 0, 'on');
  const source = { model, folder, feeds, threads: 0, guard: () => undefined };
  const shapes = await tensorShapes(source);
  return {
    layers: await discoverLayers({ ...source, graph: new GraphIndex(opened.model) }),
    shapes,
  };
}

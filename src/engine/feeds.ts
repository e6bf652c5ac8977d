/** From roles to tensors: what each input of the graph is fed with for a batch of samples. */
import { NumpyRandom } from '../algorithms/latent/numpyRandom.ts';
import { GenscopeError } from '../shared/errors.ts';
import type { NoiseMode } from '../shared/protocol.ts';
import type { InputRole } from '../shared/roles.ts';
import { floatToHalf } from './pixels.ts';
import type { Session, TensorData, TensorValue, ValueInfo } from './runtime/session.ts';

export interface FeedRequest {
  readonly count: number;
  /** [count, latentSize] */
  readonly latents: Float32Array;
  /** [count, classes], rows sum to 1; empty for a generator without classes. */
  readonly classWeights: Float32Array;
  /** The seed of each sample; null along interpolations. */
  readonly seeds: readonly (number | null)[];
  readonly noise: NoiseMode;
  readonly truncation: number;
}

/** How an input that stands for chance is fed. */
export interface NoiseSource {
  readonly kind: 'normal' | 'uniform';
  /** Its value when noise is off: the middle of its distribution. */
  readonly neutral: number;
}

const PLAIN_NOISE: NoiseSource = { kind: 'normal', neutral: 0 };

export interface LatentInput {
  readonly name: string;
  readonly size: number;
  /** Everything after the batch axis: [96], [96, 1, 1]. */
  readonly tail: readonly number[];
}

/** @throws GenscopeError `model.rolesUnknown` when the size of a latent is not written in the graph */
export function latentInputs(
  session: Session,
  roles: Readonly<Record<string, InputRole>>,
  fileName: string,
): readonly LatentInput[] {
  const found = session.inputs.filter((input) => roles[input.name]?.role === 'latent');
  if (found.length === 0) {
    throw new GenscopeError(
      'model.rolesUnknown',
      `None of ${fileName}'s inputs is known to be the latent.`,
      'Say which one it is.',
      {
        next: ['answerRoles'],
      },
    );
  }
  return found.map((input) => {
    const tail = tailOf(input);
    return { name: input.name, tail, size: tail.reduce((a, b) => a * b, 1) };
  });
}

export function buildFeeds(
  session: Session,
  roles: Readonly<Record<string, InputRole>>,
  latents: readonly LatentInput[],
  request: FeedRequest,
  noise: ReadonlyMap<string, NoiseSource> = new Map(),
): Record<string, TensorValue> {
  const feeds: Record<string, TensorValue> = {};
  const latentSize = latents.reduce((sum, input) => sum + input.size, 0);
  let column = 0;
  for (const input of session.inputs) {
    const latent = latents.find(({ name }) => name === input.name);
    if (latent) {
      const values = columns(request.latents, request.count, latentSize, column, latent.size);
      feeds[input.name] = tensor(input.dtype, [request.count, ...latent.tail], values);
      column += latent.size;
    } else {
      feeds[input.name] = feed(
        input,
        roles[input.name] ?? (noise.has(input.name) ? { role: 'noise' } : { role: 'constant', value: 0 }),
        request,
        noise.get(input.name) ?? PLAIN_NOISE,
      );
    }
  }
  return feeds;
}

function feed(input: ValueInfo, role: InputRole, request: FeedRequest, noise: NoiseSource): TensorValue {
  switch (role.role) {
    case 'class':
      return classFeed(input, role.encoding, role.classes, request);
    case 'noise':
      return noiseFeed(input, request, noise);
    case 'truncation':
      return fill(input, request.count, request.truncation);
    case 'constant':
      return fill(input, request.count, role.value);
    case 'other':
      throw new GenscopeError(
        'model.rolesUnknown',
        `The input ${input.name} needs something that Genscope cannot make up.`,
        'Say what it is, or export the generator without it.',
        { next: ['answerRoles', 'copyExportCode'] },
      );
    case 'latent':
      throw new GenscopeError('internal', `The latent ${input.name} has no values.`, 'Please report this.', {
        next: ['showLog'],
      });
  }
}

function classFeed(
  input: ValueInfo,
  encoding: 'onehot' | 'index',
  classes: number,
  request: FeedRequest,
): TensorValue {
  const { count, classWeights } = request;
  if (encoding === 'onehot') {
    const tail = input.shape.slice(1).map((size) => (typeof size === 'number' ? size : 1));
    // [N, K], or [N, K, 1, 1] where the graph wants it so.
    const shape = tail.length > 1 ? [count, classes, ...tail.slice(1)] : [count, classes];
    return tensor(input.dtype, shape, classWeights);
  }
  const indices = new Float32Array(count);
  for (let i = 0; i < count; i++) indices[i] = heaviest(classWeights, i * classes, classes);
  const shape = [count, ...input.shape.slice(1).map(() => 1)];
  return tensor(input.dtype, shape, indices);
}

/** Between two classes an index cannot be mixed: the nearer one. */
function heaviest(weights: Float32Array, offset: number, classes: number): number {
  let best = 0;
  for (let k = 1; k < classes; k++)
    if ((weights[offset + k] as number) > (weights[offset + best] as number)) best = k;
  return best;
}

/**
 * Noise for a sample comes from its own seed, apart from its latent, so that a picture stays a function of the seed. A
 * map without a batch axis is shared by a run; such a model runs one sample at a time.
 */
function noiseFeed(input: ValueInfo, request: FeedRequest, source: NoiseSource): TensorValue {
  const batched = typeof input.shape[0] !== 'number' || input.shape[0] === 1;
  const tail = batched ? tailOf(input) : input.shape.map(Number);
  const rows = batched ? request.count : 1;
  const size = tail.reduce((a, b) => a * b, 1);
  const values = new Float32Array(rows * size).fill(source.neutral);
  if (request.noise !== 'zero') {
    for (let i = 0; i < rows; i++) {
      const seed = request.noise === 'random' ? (request.seeds[i] ?? 0) : 0;
      const random = new NumpyRandom(noiseSeed(seed, input.name));
      values.set(source.kind === 'normal' ? random.normals(size) : random.uniforms(size), i * size);
    }
  }
  return tensor(input.dtype, batched ? [rows, ...tail] : tail, values);
}

/** A 32-bit seed of its own for each noise input (FNV-1a over the name, mixed with the sample's seed). */
function noiseSeed(seed: number, name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return Math.imul(hash ^ seed, 0x01000193) >>> 0;
}

function fill(input: ValueInfo, count: number, value: number): TensorValue {
  const shape = input.shape.map((size, axis) => (typeof size === 'number' ? size : axis === 0 ? count : 1));
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value);
  return tensor(input.dtype, shape, values);
}

function tailOf(input: ValueInfo): number[] {
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

function columns(
  rows: Float32Array,
  count: number,
  width: number,
  first: number,
  size: number,
): Float32Array {
  if (size === width) return rows;
  const out = new Float32Array(count * size);
  for (let i = 0; i < count; i++)
    out.set(rows.subarray(i * width + first, i * width + first + size), i * size);
  return out;
}

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

export function classCount(roles: Readonly<Record<string, InputRole>>): number {
  for (const role of Object.values(roles)) if (role.role === 'class') return role.classes;
  return 0;
}

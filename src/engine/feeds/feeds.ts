/** From roles to tensors: what each input of the graph is fed with for a batch of samples. */

import type { InputRole } from '../../shared/generator/roles.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { Session, TensorValue, ValueInfo } from '../runtime/session.ts';
import { codesFeed, type NoiseSource, noiseFeed } from './chance.ts';
import { type Embeddings, embeddingFeed, NO_EMBEDDINGS } from './embeddings.ts';
import type { FeedRequest } from './request.ts';
import { axesBehindBatch, elements, fill, rowsTensor, tailOf } from './tensors.ts';

export type { NoiseSource } from './chance.ts';
export { classCount } from './embeddings.ts';
export type { FeedRequest } from './request.ts';
export { filledUp, tensor } from './tensors.ts';

const PLAIN_NOISE: NoiseSource = { kind: 'normal', neutral: 0 };

export interface LatentInput {
  readonly name: string;
  /** Components that are drawn for it. */
  readonly size: number;
  /** Everything after the batch axis: [96], [96, 1, 1]. Where it holds `size` several times (w+), they are repeated. */
  readonly tail: readonly number[];
}

/**
 * The inputs that latents are drawn for, in the graph's order; none where samples differ in codes, class or embedding only.
 * @throws GenscopeError `model.rolesUnknown` when samples could not differ, or the size of a latent is not in the graph
 */
export function latentInputs(
  session: Pick<Session, 'inputs'>,
  roles: Readonly<Record<string, InputRole>>,
  fileName: string,
  fixedRows = 1,
): readonly LatentInput[] {
  const found = session.inputs.filter((input) => roles[input.name]?.role === 'latent');
  // Without any input, what a graph draws inside makes its samples differ.
  const isFed = Object.keys(roles).length > 0;
  if (found.length === 0 && isFed && !Object.values(roles).some(makesDifference)) {
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
    const tail = tailOf(input, fixedRows);
    return {
      name: input.name,
      tail,
      size: isPerLayer(roles[input.name]) ? (tail.at(-1) ?? 1) : elements(tail),
    };
  });
}

function makesDifference(role: InputRole): boolean {
  return (
    role.role === 'codes' || role.role === 'class' || (role.role === 'embedding' && role.file !== undefined)
  );
}

function isPerLayer(role: InputRole | undefined): boolean {
  return role?.role === 'latent' && role.space === 'w+';
}

/** @param embeddings the rows of those embeddings that have a file */
export function buildFeeds(
  session: Pick<Session, 'inputs'>,
  roles: Readonly<Record<string, InputRole>>,
  latents: readonly LatentInput[],
  request: FeedRequest,
  noise: ReadonlyMap<string, NoiseSource> = new Map(),
  embeddings: Embeddings = NO_EMBEDDINGS,
): Record<string, TensorValue> {
  const feeds: Record<string, TensorValue> = {};
  const latentSize = latents.reduce((sum, input) => sum + input.size, 0);
  let column = 0;
  for (const input of session.inputs) {
    const latent = latents.find(({ name }) => name === input.name);
    if (latent) {
      const values = columns(request.latents, request.count, latentSize, column, latent.size);
      const repeated = repeat(values, latent.size, elements(latent.tail) / latent.size);
      feeds[input.name] = rowsTensor(input, latent.tail, repeated, request);
      column += latent.size;
      continue;
    }
    const own = roles[input.name];
    const role = own ?? (noise.has(input.name) ? { role: 'noise' } : { role: 'constant', value: 0 });
    feeds[input.name] =
      role.role === 'embedding'
        ? embeddingFeed(input, embeddings.get(input.name), request)
        : feed(input, role, request, noise.get(input.name) ?? PLAIN_NOISE);
  }
  return feeds;
}

type PlainRole = Exclude<InputRole, { readonly role: 'embedding' }>;

function feed(input: ValueInfo, role: PlainRole, request: FeedRequest, noise: NoiseSource): TensorValue {
  switch (role.role) {
    case 'class':
      return classFeed(input, role.encoding, role.classes, request);
    case 'noise':
      return noiseFeed(input, request, noise);
    case 'codes':
      return codesFeed(input, role.entries, request);
    case 'truncation':
      return fill(input, request, request.truncation);
    case 'constant':
      return fill(input, request, role.value);
    case 'labelMap':
    case 'mask':
    case 'image':
      throw new GenscopeError(
        'model.rolesUnknown',
        `The input ${input.name} takes a picture, and a sample has none to give.`,
        'Translate pictures with this model, or say that the input is something else.',
        { next: ['answerRoles'] },
      );
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
    // [N, K], or [N, K, 1, 1] where the graph wants it so.
    const axes = axesBehindBatch(input, request.fixedRows);
    const sizes = axes.map((size) => (typeof size === 'number' && size > 0 ? size : 1));
    const tail = elements(sizes) === classes ? sizes : [classes, ...sizes.slice(1)];
    return rowsTensor(input, tail, classWeights, request);
  }
  const indices = new Float32Array(count);
  for (let i = 0; i < count; i++) indices[i] = heaviest(classWeights, i * classes, classes);
  const ones = axesBehindBatch(input, request.fixedRows).map(() => 1);
  return rowsTensor(input, ones, indices, request);
}

/** Between two classes an index cannot be mixed: the nearer one. */
function heaviest(weights: Float32Array, offset: number, classes: number): number {
  let best = 0;
  for (let k = 1; k < classes; k++)
    if ((weights[offset + k] as number) > (weights[offset + best] as number)) best = k;
  return best;
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

/** Each row of `size` values `times` times over: one w for all layers. */
function repeat(rows: Float32Array, size: number, times: number): Float32Array {
  if (times === 1) return rows;
  const out = new Float32Array(rows.length * times);
  for (let i = 0; i * size < rows.length; i++) {
    const row = rows.subarray(i * size, (i + 1) * size);
    for (let t = 0; t < times; t++) out.set(row, (i * times + t) * size);
  }
  return out;
}

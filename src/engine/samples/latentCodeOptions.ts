/** What Python has to know of a generator to make samples with it. */
import type { LatentCodeOptions, NumpyType } from '../../algorithms/latent/code.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { LatentCodeParams } from '../../shared/protocol.ts';
import type { LatentInput } from '../feeds/feeds.ts';
import type { Generator } from '../generator/generator.ts';
import type { ValueInfo } from '../runtime/session.ts';

/** @throws GenscopeError `input.invalid` for what a few lines cannot say: several latents, noise maps */
export function codeOptions(generator: Generator, params: LatentCodeParams): LatentCodeOptions {
  const [latent, second] = generator.latents;
  if (second) throw cannotSay('several latents');
  if (!latent) throw cannotSay('no latent');
  if (generator.noise.has(latent.name)) throw cannotSay('no inputs');
  if (generator.fileRows > 1) throw cannotSay(`a batch of ${generator.fileRows}`);
  if (latent.size !== latent.tail.reduce((a, b) => a * b, 1)) throw cannotSay('one w for several layers');
  const { truncation } = params.plan.source;
  const options: LatentCodeOptions = {
    modelFile: params.model.path,
    latentInput: latent.name,
    latentShape: isUnbatched(generator, latent) ? latent.tail : [1, ...latent.tail],
    latentType: numpyType(inputNamed(generator, latent.name).dtype),
    imageOutput: generator.imageName,
    ...(generator.noise.size > 0 && { ownNoise: true }),
    filledInputs: filledInputs(generator, truncation.mode === 'input' ? truncation.value : 1),
  };
  const classInput = classInputOf(generator);
  return classInput ? { ...options, classInput } : options;
}

/** A graph for one sample: [d]. */
function isUnbatched(generator: Generator, { name, tail }: LatentInput): boolean {
  return inputNamed(generator, name).shape.length === tail.length;
}

function classInputOf(generator: Generator): LatentCodeOptions['classInput'] {
  for (const [name, role] of Object.entries(generator.inputRoles)) {
    if (role.role !== 'class') continue;
    const input = inputNamed(generator, name);
    const rest = input.shape.slice(role.encoding === 'onehot' ? 2 : 1).map(() => 1);
    const shape = role.encoding === 'onehot' ? [1, role.classes, ...rest] : [1, ...rest];
    return { name, encoding: role.encoding, classes: role.classes, shape, dtype: numpyType(input.dtype) };
  }
  return undefined;
}

function filledInputs(
  generator: Generator,
  truncation: number,
): NonNullable<LatentCodeOptions['filledInputs']> {
  return Object.entries(generator.inputRoles).flatMap(([name, role]) => {
    if (role.role === 'noise') throw cannotSay('noise maps');
    if (role.role === 'codes') throw cannotSay('codes of a codebook');
    if (role.role === 'embedding') throw cannotSay('embeddings');
    if (role.role !== 'truncation' && role.role !== 'constant') return [];
    const input = inputNamed(generator, name);
    const shape = input.shape.map((size) => (typeof size === 'number' ? size : 1));
    const value = role.role === 'truncation' ? truncation : role.value;
    return [{ name, shape, dtype: numpyType(input.dtype), value }];
  });
}

function inputNamed(generator: Generator, name: string): ValueInfo {
  const input = generator.session.inputs.find((candidate) => candidate.name === name);
  if (!input)
    throw new GenscopeError('internal', `There is no input ${name}.`, 'Please report this.', {
      next: ['showLog'],
    });
  return input;
}

const NUMPY_TYPES: readonly NumpyType[] = [
  'float16',
  'float32',
  'float64',
  'int32',
  'int64',
  'uint8',
  'bool',
];

function numpyType(dtype: string): NumpyType {
  return NUMPY_TYPES.find((type) => type === dtype) ?? 'float32';
}

function cannotSay(what: string): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    `This generator takes ${what}, which the copied code does not cover yet.`,
    'Save the samples with their latents as NumPy files instead.',
  );
}

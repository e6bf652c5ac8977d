/** `latentCode`: Python that makes the same latents and runs the model on them. */
import { latentCode as write } from '../../algorithms/latent/code.ts';
import { GenscopeError } from '../../shared/errors.ts';
import type { LatentCodeParams } from '../../shared/protocol.ts';
import type { Generator } from '../generator.ts';
import type { TaskContext } from './context.ts';

export async function latentCode(
  params: LatentCodeParams,
  context: TaskContext<never>,
): Promise<{ text: string }> {
  const generator = await context.models.generator(params.model);
  const [latent] = generator.latents;
  if (!latent || generator.latents.length > 1) {
    throw new GenscopeError(
      'input.invalid',
      'This generator has several latents, which the copied code cannot split yet.',
      'Save the samples as NumPy files instead.',
    );
  }
  const classInput = classInputOf(generator);
  const text = write(params.plan, {
    modelFile: params.model.path,
    latentInput: latent.name,
    latentShape: [1, ...latent.tail],
    imageOutput: generator.imageName,
    ...(classInput ? { classInput } : {}),
  });
  return { text };
}

function classInputOf(generator: Generator) {
  for (const [name, role] of Object.entries(generator.inputRoles)) {
    if (role.role === 'class') return { name, encoding: role.encoding, classes: role.classes };
  }
  return undefined;
}

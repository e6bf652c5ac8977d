/** `latentCode`: Python that makes the same latents and runs the model on them. */
import { latentCode as write } from '../../algorithms/latent/code.ts';
import type { LatentCodeParams } from '../../shared/protocol.ts';
import type { TaskContext } from '../models/context.ts';
import { codeOptions } from './latentCodeOptions.ts';

/** @throws GenscopeError `input.invalid` for what a few lines cannot say: several latents, noise maps */
export async function latentCode(
  params: LatentCodeParams,
  context: TaskContext<never>,
): Promise<{ text: string }> {
  const generator = await context.models.generator(params.model);
  return { text: write(params.plan, codeOptions(generator, params)) };
}

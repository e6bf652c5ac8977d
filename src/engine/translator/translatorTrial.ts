/** What running an image-to-image graph shows of it: a size it takes, what comes out, which other sizes it takes. */

import type { ImageRole } from '../../shared/generator/roles.ts';
import { asGenscopeError } from '../../shared/kernel/errors.ts';
import { noSuchOutput } from '../generator/loadGenerator.ts';
import { imageSize } from '../pictures/pixels.ts';
import type { TensorValue } from '../runtime/session.ts';
import { type PictureSize, smallestMultiple } from './pictureSizes.ts';

export type Outputs = Readonly<Record<string, TensorValue>>;
/** Runs the graph on probe pictures of one size, each by its index. */
export type Runner = (size: PictureSize, indices: readonly number[]) => Promise<Outputs>;

export interface Trial {
  readonly size: PictureSize;
  readonly outputs: Outputs;
  readonly ms: number;
}

/** One probe picture at the first size that the graph takes. */
export async function tryOnce(run: Runner, sizes: readonly PictureSize[]): Promise<Trial> {
  const { size, value } = await firstThatWorks(sizes, async (one) => {
    const started = performance.now();
    const outputs = await run(one, [0]);
    return { outputs, ms: performance.now() - started };
  });
  return { size, ...value };
}

/** The result of the first size that works; where none does, the first one's failure. */
export async function firstThatWorks<R>(
  sizes: readonly PictureSize[],
  attempt: (size: PictureSize) => Promise<R>,
): Promise<{ size: PictureSize; value: R }> {
  let failure: unknown;
  for (const size of sizes) {
    try {
      return { size, value: await attempt(size) };
    } catch (thrown) {
      failure ??= thrown;
    }
  }
  throw failure;
}

/** The multiple that sizes must be of; null where only the size of the trial will do, as a run with others shows. */
export async function multipleOf(
  run: Runner,
  trial: Trial,
  role: ImageRole,
  imageOf: (outputs: Outputs) => TensorValue,
): Promise<number | null> {
  const outputOf = (outputs: Outputs) => sizeOf(imageOf(outputs), role);
  const known = outputOf(trial.outputs);
  const refused = (thrown: unknown) => {
    if (asGenscopeError(thrown).code === 'runtime.failed') return null;
    throw thrown;
  };
  return smallestMultiple(trial.size, known.height / trial.size.height, (size) =>
    run(size, [0]).then(outputOf).catch(refused),
  );
}

export function imageIn(outputs: Outputs, name: string, file: string): TensorValue {
  const image = outputs[name];
  if (!image) throw noSuchOutput(file, name);
  return image;
}

function sizeOf(image: TensorValue, role: ImageRole): PictureSize {
  const { channels, height, width } = imageSize(image.shape, role.layout);
  return { channels, height, width };
}

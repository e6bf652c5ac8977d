/** Pictures without an axis that others have: grey ones [N, h, w], and those of one sample, [C, h, w], [h, w, C] or [h, w]. */
import type { DeclaredShape } from '../../shared/generator/model.ts';
import { type InputFacts, isPicture } from './facts.ts';
import type { Tail } from './tail.ts';

/** Shorter sides are rows of something else. */
const SMALLEST_SIDE = 8;

export interface CompletedShape {
  /** With all four axes. */
  readonly shape: DeclaredShape;
  /** What is missing, for the reason. */
  readonly says: string;
}

/** Null where the shape is no picture's, or is a whole one already. */
export function completed(
  shape: DeclaredShape,
  inputs: readonly InputFacts[],
  tail: Tail,
): CompletedShape | null {
  if (shape.length === 3) return ofThree(shape, inputs, tail);
  if (shape.length !== 2) return null;
  const [height = '', width = ''] = shape;
  if (typeof height !== 'number' || height < 2 || sharesRows(inputs, height)) return null;
  if (!isSide(height) || !isSide(width) || !isPlane(height, width, tail)) return null;
  return { shape: [1, 1, height, width], says: 'without batch and channel axis' };
}

function ofThree(shape: DeclaredShape, inputs: readonly InputFacts[], tail: Tail): CompletedShape | null {
  const [a = '', b = '', c = ''] = shape;
  const isBatch = typeof a !== 'number' || a === 1 || sharesRows(inputs, a);
  if (isBatch) {
    const isGrey = isSide(b) && isSide(c) && isPlane(b, c, tail);
    return isGrey ? { shape: [a, 1, b, c], says: 'without a channel axis' } : null;
  }
  if (isPicture(a) && isSide(b) && isSide(c)) return { shape: [1, a, b, c], says: 'without a batch axis' };
  if (isPicture(c) && isSide(a) && isSide(b)) return { shape: [1, a, b, c], says: 'without a batch axis' };
  return null;
}

/** Open, or long enough. */
function isSide(dim: number | string): boolean {
  return typeof dim !== 'number' || dim >= SMALLEST_SIDE;
}

/** [N, 14, 512] are rows of a w+, not a picture: what is not square has to be bounded like one. */
function isPlane(height: number | string, width: number | string, tail: Tail): boolean {
  return tail.bounds !== null || (typeof height === 'number' && height === width);
}

/** An axis is the batch where the inputs have it as well, or leave theirs open. */
function sharesRows(inputs: readonly InputFacts[], rows: number): boolean {
  return inputs.some(({ nature, tensor: { shape } }) => {
    const [first] = shape ?? [];
    if (nature === 'noiseMap' || nature === 'scalar' || first === undefined) return false;
    return typeof first !== 'number' || first === rows;
  });
}

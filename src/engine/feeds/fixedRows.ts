/** How many rows a run of a graph has where its file fixes them, [16, 32] → [16, 3, 16, 16], and what comes out of them. */

import type { DeclaredShape } from '../../shared/generator/model.ts';
import type { ImageRole, InputRole } from '../../shared/generator/roles.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { TensorValue, ValueInfo } from '../runtime/session.ts';

/** Inputs that bring a row for each sample; a map of noise may be shared, so it says nothing about the batch. */
const BRINGS_ROWS: ReadonlySet<InputRole['role'] | undefined> = new Set<InputRole['role'] | undefined>([
  'latent',
  'class',
  'codes',
  'embedding',
  'image',
  'labelMap',
  'mask',
]);

/**
 * The rows that the declared shapes fix; 1 where they fix none, or fix one. A first axis that the picture does not share
 * is no batch: [14, 512] → [1, 3, 32, 32] are the rows of one w+.
 */
export function declaredRows(
  inputs: readonly Pick<ValueInfo, 'name' | 'shape'>[],
  roles: Readonly<Record<string, InputRole>>,
  picture: DeclaredShape | null,
): number {
  const found = inputs.flatMap(({ name, shape }) => {
    const role = roles[name];
    const [first] = shape;
    if (!BRINGS_ROWS.has(role?.role) || typeof first !== 'number' || first < 2) return [];
    const isRow = shape.length > 1 || (role?.role === 'class' && role.encoding === 'index');
    return isRow ? [first] : [];
  });
  const [rows] = found;
  if (rows === undefined || found.some((other) => other !== rows)) return 1;
  const made = picture?.[0];
  // A picture of undeclared rows is believed until a run has shown otherwise.
  return typeof made !== 'number' || made < 1 || made === rows ? rows : 1;
}

/**
 * Images of a run with `rows` samples as [rows, C, h, w], [rows, h, w, C] or, where pictures are rows of numbers,
 * [rows, length]. Grey ones may lack the channel axis, and those of a graph for one sample the batch axis.
 */
export function withAllAxes(image: TensorValue, role: ImageRole, rows: number): TensorValue {
  const shape = allAxes(image.shape, role, rows);
  return shape === image.shape ? image : { ...image, shape };
}

function allAxes(shape: readonly number[], { layout, size }: ImageRole, rows: number): readonly number[] {
  const isFlat = size !== undefined;
  if (shape.length === 4 || (isFlat && shape.length === 2)) return shape;
  const grey = (height: number, width: number) =>
    layout === 'NCHW' ? [rows, 1, height, width] : [rows, height, width, 1];
  const [a = 0, b = 0] = shape;
  const c = shape[2] ?? 0;
  if (shape.length === 3 && a === rows) return grey(b, c);
  if (rows === 1 && shape.length === 3) return [1, ...shape];
  if (rows === 1 && shape.length === 2) return grey(a, b);
  if (rows === 1 && isFlat && shape.length === 1) return [1, ...shape];
  throw new GenscopeError(
    'model.rolesUnknown',
    `The output has the shape [${shape.join(', ')}] for ${rows === 1 ? 'one sample' : `${rows} samples`}, which is not a picture.`,
    'Choose another output as the image.',
    { next: ['answerRoles'] },
  );
}

/** The first `count` rows of a run that has `rows`; what has no row for each sample stays whole. */
export function firstRowsOf(value: TensorValue, count: number, rows: number): TensorValue {
  const { shape, data } = value;
  if (count >= rows || shape[0] !== rows) return value;
  return {
    ...value,
    shape: [count, ...shape.slice(1)],
    data: data.subarray(0, (data.length / rows) * count),
  };
}

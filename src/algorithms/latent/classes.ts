/** Checks of class indices against the generator's number of classes. */
import { GenscopeError } from '../../shared/kernel/errors.ts';

/** Throws `input.invalid` unless the generator has no classes or `index` is one of them. */
export function checkClass(index: number | null, classes: number): void {
  if (classes === 0 || (index !== null && Number.isInteger(index) && index >= 0 && index < classes)) return;
  throw new GenscopeError(
    'input.invalid',
    index === null ? 'A key of the interpolation has no class.' : `There is no class ${index}.`,
    `Choose a class from 0 to ${classes - 1}: this generator has ${classes}.`,
  );
}

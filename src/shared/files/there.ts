/** Whether something lies under a name. A name that leads through a file, in circles, or is too long has nothing under it. */
import fs from 'node:fs';
import { GenscopeError } from '../kernel/errors.ts';

const NOTHING: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/**
 * What is there, or undefined. Node's own `throwIfNoEntry: false` still throws for a file in the place of a folder.
 * @throws GenscopeError `input.invalid` for what may not be looked at
 */
export function statIfThere(file: string): fs.Stats | undefined {
  return orNothing(file, () => fs.statSync(file));
}

/** The same with whole numbers of nanoseconds. @throws GenscopeError `input.invalid` */
export function preciseStatIfThere(file: string): fs.BigIntStats | undefined {
  return orNothing(file, () => fs.statSync(file, { bigint: true }));
}

function orNothing<T>(file: string, look: () => T): T | undefined {
  try {
    return look();
  } catch (thrown) {
    const { code = '' } = thrown as NodeJS.ErrnoException;
    if (NOTHING.has(code)) return undefined;
    throw new GenscopeError(
      'input.invalid',
      `${file} cannot be looked at (${code}).`,
      'Check that you may read it.',
      {
        detail: String(thrown),
      },
    );
  }
}

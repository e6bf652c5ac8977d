/** What the machine refuses is said as such, also where nobody thought of it: it is no fault inside Genscope. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { asGenscopeError } from '../../../src/shared/kernel/errors.ts';

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (thrown) {
    return thrown;
  }
  throw new Error('nothing was thrown');
}

describe('asGenscopeError', () => {
  const here = path.join(os.tmpdir(), 'genscope-nothing-here');
  it.each([
    ['a file that is not there', () => fs.readFileSync(here), 'input.invalid', 'it is not there'],
    ['a folder read as a file', () => fs.openSync(os.tmpdir(), 'w'), 'input.invalid', 'it is a folder'],
    [
      'a name too long',
      () => fs.readFileSync(here + 'x'.repeat(300)),
      'input.invalid',
      'its name is too long',
    ],
    [
      'a folder inside nothing',
      () => fs.mkdirSync(path.join(here, 'a')),
      'output.notWritable',
      'it is not there',
    ],
    ['a move from nothing', () => fs.renameSync(here, `${here}2`), 'output.notWritable', 'it is not there'],
  ])('%s', (_, act, code, why) => {
    const error = asGenscopeError(thrownBy(act));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(why)]);
    expect(error.message).not.toContain('inside Genscope');
    expect(error.advice).not.toBe('');
  });

  it.each(['EACCES', 'EROFS', 'ENOSPC', 'EIO', 'EMFILE', 'EBUSY', 'ESTALE', 'EWHATEVER'])(
    '%s by its path',
    (code) => {
      const thrown = Object.assign(new Error(`${code}: x, open 'p'`), { code, path: 'p', syscall: 'open' });
      expect(asGenscopeError(thrown).message).toMatch(/^p cannot be (used|written): /);
    },
  );

  it('an array that no machine has room for is too little memory', () => {
    expect(asGenscopeError(thrownBy(() => new Float64Array(2 ** 52))).message).toContain('memory');
    expect(asGenscopeError(thrownBy(() => new ArrayBuffer(2 ** 50))).message).toContain('memory');
  });

  it('a mistake of ours stays one', () => {
    for (const act of [
      () => new Float32Array(-1),
      () => new Float32Array(Number('-5')),
      () => (undefined as unknown as { a: string }).a,
    ])
      expect(asGenscopeError(thrownBy(act)).code).toBe('internal');
    expect(asGenscopeError(Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' })).code).toBe(
      'internal',
    );
  });
});

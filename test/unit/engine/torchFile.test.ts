/** Files of PyTorch's own in both formats; and that nothing in a file is ever run. */
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPickle } from '../../../src/engine/inception/pickle.ts';
import { openTorchFile } from '../../../src/engine/inception/torchFile.ts';
import { GenscopeError } from '../../../src/shared/kernel/errors.ts';

/** Made by test/parity/inception/make_reference.py. */
const FILES = path.resolve(import.meta.dirname, '../../parity/inception');
const TENSORS = {
  a: [0, 1, 2, 3, 4, 5],
  half: [0.5, -2],
  double: [Math.fround(1e-3), 7],
  scalar: [3.5],
  slice: [4, 5, 6, 7],
  parameter: [1, 2],
};

describe.each(['zip.pth', 'legacy.pth'])('%s', (name) => {
  it('gives its float tensors, whatever their width, views of a beginning included', async () => {
    const file = await openTorchFile(path.join(FILES, name));
    const found: Record<string, number[]> = {};
    for (const [key, tensor] of file.tensors) found[key] = [...(await tensor.read())];
    file.close();
    expect(found).toEqual(TENSORS);
    expect(file.tensors.get('a')?.shape).toEqual([2, 3]);
    expect(file.tensors.get('scalar')?.shape).toEqual([]);
  });
});

it('refuses a file that holds an object, and says that nothing was run', async () => {
  await expect(openTorchFile(path.join(FILES, 'module.pth'))).rejects.toMatchObject({
    code: 'extractor.invalid',
    message: expect.stringContaining('nothing of it was run'),
  });
});

it.each([
  ['os.system', 'cos\nsystem\n(S"true"\ntR.'],
  ['builtins.eval', 'c__builtin__\neval\n.'],
  ['torch.load, which is no storage', 'ctorch\nload\n.'],
])('refuses %s', (_, text) => {
  const refused = expect.objectContaining({ code: 'extractor.invalid' });
  expect(() => readPickle(new TextEncoder().encode(text))).toThrow(refused);
});

it('ends every string of bytes in a value or one coded error', () => {
  const original = fs.readFileSync(path.join(FILES, 'legacy.pth'));
  const edits = fc.array(fc.tuple(fc.nat(original.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(edits, fc.nat(original.length), (changes, cut) => {
      const bytes = Uint8Array.from(original.subarray(0, cut));
      for (const [at, value] of changes) if (at < cut) bytes[at] = value;
      for (let at = 0; at < bytes.length; ) {
        try {
          at = readPickle(bytes, at).end;
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(GenscopeError);
          return;
        }
      }
    }),
    { numRuns: 300 },
  );
});

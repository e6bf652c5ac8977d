/** Named arrays survive the disk, and nothing but a whole file is taken for one. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readArrays, writeArrays } from '../../../src/engine/files/arraysFile.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'genscope-arrays-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
const file = path.join(folder, 'state.bin');

const array = fc.oneof(
  fc.float32Array(),
  fc.float64Array(),
  fc.uint8Array(),
  fc.uint16Array(),
  fc.uint32Array(),
  fc.int32Array(),
);

describe('arrays on disk', () => {
  it('come back as they went', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), array), fc.jsonValue(), (arrays, about) => {
        writeArrays(file, { about, arrays });
        const back = readArrays(file);
        if (back === null || 'damaged' in back) throw new Error('It did not come back.');
        expect(back.about).toEqual(JSON.parse(JSON.stringify(about)));
        expect(Object.entries(back.arrays)).toEqual(Object.entries(arrays));
      }),
      { numRuns: 100 },
    );
  });

  it('a file that is cut off, changed in one bit, or something else, is none, and is set aside', () => {
    const aside = { damaged: `${file}.damaged` };
    writeArrays(file, { about: { at: 3 }, arrays: { a: new Float32Array(100), b: new Uint8Array(3) } });
    const whole = fs.readFileSync(file);
    for (const length of [0, 7, 12, 40, 200, whole.length - 8]) {
      fs.writeFileSync(file, whole.subarray(0, length));
      expect(readArrays(file)).toEqual(aside);
      expect(fs.existsSync(file)).toBe(false);
    }
    for (let at = 0; at < whole.length; at += 7) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] as number) ^ 1;
      fs.writeFileSync(file, changed);
      expect(readArrays(file)).toEqual(aside);
    }
    fs.writeFileSync(file, Buffer.from('something else entirely, and long enough'));
    expect(readArrays(file)).toEqual(aside);
    expect(readArrays(path.join(folder, 'none'))).toBeNull();
  });

  it('a full or missing folder is said, and leaves no half file', () => {
    const nowhere = path.join(folder, 'no', 'such', 'state.bin');
    expect(() => writeArrays(nowhere, { about: null, arrays: {} })).toThrow(
      expect.objectContaining({ code: 'output.notWritable' }),
    );
  });
});

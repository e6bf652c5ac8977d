/** Pictures of a reference are the bytes that Python's scores see: PIL's `Image.open(file).convert('RGB')`. */
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { decodeLikePil } from '../../../src/engine/runtime/imageCodec.ts';

const { files, width, height } = JSON.parse(
  fs.readFileSync(path.join(import.meta.dirname, 'reference.json'), 'utf8'),
) as { files: string[]; width: number; height: number };
const pixels = gunzipSync(fs.readFileSync(path.join(import.meta.dirname, 'reference.bin.gz')));
const bytes = width * height * 3;

async function decoded(name: string): Promise<number[]> {
  const file = path.join(import.meta.dirname, 'pictures', name);
  const picture = await decodeLikePil(fs.readFileSync(file));
  expect([picture.width, picture.height]).toEqual([width, height]);
  return [...picture.data].filter((_, i) => i % 4 !== 3);
}

/** PIL clips 16-bit grey at 255 instead of scaling it; here the upper byte is taken, as it does for 16-bit colour. */
const OTHERWISE = 'grey16.png';

it.each(files.filter((name) => name !== OTHERWISE))('%s: the same bytes', async (name) => {
  const at = files.indexOf(name) * bytes;
  expect(await decoded(name)).toEqual([...pixels.subarray(at, at + bytes)]);
});

it('16-bit grey is its upper byte, not white', async () => {
  const found = await decoded(OTHERWISE);
  const wanted = Array.from(
    { length: width * height },
    (_, i) => ((i % width) * 2300 + Math.floor(i / width) * 7) >> 8,
  );
  expect(found).toEqual(wanted.flatMap((value) => [value, value, value]));
});

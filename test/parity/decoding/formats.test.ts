/** Formats that sharp does not read, or not as PIL does: the bytes of PIL's `Image.open(file).convert('RGB')`. */
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { decodeLikePil } from '../../../src/engine/runtime/imageCodec.ts';

const { files, width, height } = JSON.parse(
  fs.readFileSync(path.join(import.meta.dirname, 'formats.json'), 'utf8'),
) as { files: string[]; width: number; height: number };
const pixels = gunzipSync(fs.readFileSync(path.join(import.meta.dirname, 'formats.bin.gz')));
const bytes = width * height * 3;

/** Colours would be others than PIL's: better none. */
const REFUSED = ['lab.tif', 'subsampled.avif', 'ycbcr.tif'];
/** Two decoders of AVIF round YCbCr to RGB in two ways. */
const worstOf = (name: string) => (name.endsWith('.avif') ? 1 : 0);

it.each(REFUSED)('%s: refused', async (name) => {
  const bytes = new Uint8Array(fs.readFileSync(path.join(import.meta.dirname, 'formats', name)));
  await expect(decodeLikePil(bytes)).rejects.toMatchObject({ code: 'input.invalid' });
});

it.each(files.filter((name) => !REFUSED.includes(name)))('%s: the same bytes', async (name) => {
  const file = path.join(import.meta.dirname, 'formats', name);
  const picture = await decodeLikePil(new Uint8Array(fs.readFileSync(file)));
  expect([picture.width, picture.height]).toEqual([width, height]);
  const found = picture.data.filter((_, i) => i % 4 !== 3);
  const wanted = pixels.subarray(files.indexOf(name) * bytes, (files.indexOf(name) + 1) * bytes);
  const worst = found.reduce((most, value, i) => Math.max(most, Math.abs(value - (wanted[i] as number))), 0);
  expect(worst).toBeLessThanOrEqual(worstOf(name));
});

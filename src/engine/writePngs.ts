/** Samples as one PNG file each. */
import fs from 'node:fs';
import path from 'node:path';
import { encodePng, type PictureStack } from './runtime/imageCodec.ts';
import { writeError } from './runtime/npy.ts';

/** `sample-000012.png`; a suffix tells apart what is made of one sample. */
export function pictureName(index: number, suffix = ''): string {
  return `sample-${String(index).padStart(6, '0')}${suffix}.png`;
}

/** @param name of the file of picture i of the stack */
export async function writePngs(
  pictures: PictureStack,
  folder: string,
  name: (i: number) => string,
): Promise<void> {
  const bytes = pictures.width * pictures.height * 4;
  for (let i = 0; i < pictures.count; i++) {
    const one = { ...pictures, count: 1, data: pictures.data.subarray(i * bytes, (i + 1) * bytes) };
    const file = path.join(folder, name(i));
    try {
      fs.writeFileSync(file, await encodePng(one));
    } catch (thrown) {
      throw writeError(file, thrown);
    }
  }
}

/** @throws GenscopeError `output.notWritable` */
export function makeFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true });
  } catch (thrown) {
    throw writeError(folder, thrown);
  }
}

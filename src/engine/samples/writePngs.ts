/** Samples as one PNG file each. */
import path from 'node:path';
import { writeFileAtomic } from '../../shared/files/atomic.ts';
import { encodePng, type PictureStack } from '../runtime/imageCodec.ts';

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
    writeFileAtomic(file, await encodePng(one));
  }
}

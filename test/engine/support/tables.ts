/** Generators that look their pictures up, and folders of the same pictures: what they make is known. */
import fs from 'node:fs';
import path from 'node:path';
import { NumpyRandom } from '../../../src/algorithms/latent/numpyRandom.ts';
import { encodePng } from '../../../src/engine/runtime/imageCodec.ts';
import { serialize } from '../../../src/onnx/open.ts';
import { FLOAT, floatTensor, int64Tensor, makeNode, makeValue } from '../../../src/onnx/surgery/build.ts';
import { modelOf } from '../../unit/onnx/support.ts';
import { tinyExtractor } from './scoring.ts';

export const SIDE = 16;
export const FLAT = 3 * SIDE * SIDE;
export const SIDECAR = {
  schema: 1,
  inputs: { z: { role: 'latent' } },
  outputs: { image: { role: 'image', layout: 'NCHW', range: [-1, 1] } },
};

/** RGB bytes of pictures of 4 × 4 patches, [count][3·16·16] in planes. */
export function patches(count: number, seed: number): Uint8Array[] {
  const random = new NumpyRandom(seed).uniforms(count * 48);
  return Array.from({ length: count }, (_, i) =>
    Uint8Array.from({ length: FLAT }, (_unused, at) => {
      const [c, y, x] = [Math.floor(at / 256), Math.floor((at % 256) / 16), at % 16];
      return Math.floor(256 * (random[i * 48 + c * 16 + (y >> 2) * 4 + (x >> 2)] as number));
    }),
  );
}

export async function folderOf(folder: string, pictures: readonly Uint8Array[]): Promise<string> {
  fs.mkdirSync(folder, { recursive: true });
  for (const [i, planes] of pictures.entries()) {
    const data = new Uint8Array(SIDE * SIDE * 4).fill(255);
    for (let p = 0; p < 256; p++) for (let c = 0; c < 3; c++) data[4 * p + c] = planes[c * 256 + p] as number;
    const png = await encodePng({ count: 1, width: SIDE, height: SIDE, data });
    fs.writeFileSync(path.join(folder, `${String(i).padStart(4, '0')}.png`), png);
  }
  return folder;
}

/** A generator that looks its picture up: latent 0 says which of the table. */
export function tableGenerator(file: string, pictures: readonly Uint8Array[]): string {
  const table = pictures.flatMap((planes) => Array.from(planes, (byte) => byte / 127.5 - 1));
  const model = modelOf({
    nodes: [
      makeNode('Gather', ['z', 'first'], ['one'], { axis: 1n }),
      makeNode('Abs', ['one'], ['size']),
      makeNode('Mul', ['size', 'thousands'], ['large']),
      makeNode('Cast', ['large'], ['whole'], { to: 7n }),
      makeNode('Mod', ['whole', 'count'], ['row']),
      makeNode('Reshape', ['row', 'flat'], ['which']),
      makeNode('Gather', ['table', 'which'], ['image'], { axis: 0n }),
    ],
    inputs: [makeValue('z', FLOAT, ['N', 4])],
    outputs: [makeValue('image', FLOAT, ['N', 3, SIDE, SIDE])],
    weights: [
      floatTensor('table', [pictures.length, 3, SIDE, SIDE], table),
      floatTensor('thousands', [], [100_000]),
      int64Tensor('first', [0]),
      int64Tensor('flat', [-1]),
      int64Tensor('count', [pictures.length]),
    ],
  });
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, serialize(model));
  fs.writeFileSync(file.replace(/\.onnx$/, '.genscope.json'), JSON.stringify(SIDECAR));
  return file;
}

/** An extractor whose features are the pixels. */
export function pixelExtractor(file: string): string {
  return tinyExtractor(file, {
    input: ['N', 3, SIDE, SIDE],
    nodes: [['Flatten', ['x'], ['features'], { axis: 1n }]],
    outputs: { features: ['N', FLAT] },
  });
}

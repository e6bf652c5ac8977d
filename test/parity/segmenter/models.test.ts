/** Label maps against the Python processor and model, on pictures of the demo (make_reference.py). */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { NO_CONCEPT } from '../../../src/algorithms/dissection/labelMap.ts';
import { valueTable } from '../../../src/algorithms/images/toTensor.ts';
import { decodePicture, type PictureStack } from '../../../src/engine/runtime/imageCodec.ts';
import { readProcessor } from '../../../src/engine/segmenter/processor.ts';
import { openSegmenter, preprocess } from '../../../src/engine/segmenter/segmenter.ts';
import reference from './reference.json' with { type: 'json' };

const PICTURES = path.join(import.meta.dirname, 'pictures');
const { wide } = reference;

async function pictures(which: string): Promise<PictureStack> {
  const files = fs.readdirSync(PICTURES).sort();
  const decoded = await Promise.all(
    files.map((file) => decodePicture(fs.readFileSync(path.join(PICTURES, file)), 'onWhite')),
  );
  const [first] = decoded as [PictureStack, ...PictureStack[]];
  if (which === 'wide') return cutRows(first, wide[1] ?? 0, wide[3] ?? 0);
  return { ...first, count: decoded.length, data: Buffer.concat(decoded.map(({ data }) => data)) };
}

function cutRows({ width, data }: PictureStack, top: number, bottom: number): PictureStack {
  const rows = data.subarray(top * width * 4, bottom * width * 4);
  return { count: 1, width, height: bottom - top, data: rows };
}

describe.each(reference.models)(
  `$name, $processor of transformers ${reference.versions.transformers}`,
  ({ name, cases }) => {
    const folder = path.join(import.meta.dirname, 'models', name);

    it.each(cases)(
      'pixel_values of $pictures are equal to the last bit',
      async ({ pictures: which, input, pixelValues }) => {
        const stack = await pictures(which);
        const json = JSON.parse(fs.readFileSync(path.join(folder, 'preprocessor_config.json'), 'utf8'));
        const processor = readProcessor(json);
        const placement = processor.place([stack.height, stack.width]);
        expect([stack.count, 3, ...placement.input]).toEqual(input);
        const values = preprocess(stack, processor, placement, valueTable(processor.values));
        expect(createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex')).toBe(pixelValues);
      },
    );

    it.each(cases)(
      'label maps of $pictures agree in 99.9 % of the pixels',
      async ({ pictures: which, size, maps }) => {
        const segmenter = await openSegmenter(folder, { threads: 1 });
        const stack = await pictures(which);
        const [height = 0, width = 0] = size;
        const found = await segmenter.segment(stack, [height, width]);
        await segmenter.release();
        const expected = inflateSync(Buffer.from(maps, 'base64'));
        expect(found).toHaveLength(stack.count);
        let equal = 0;
        for (const [i, map] of found.entries()) {
          expect([map.height, map.width, map.planes.length]).toEqual([height, width, 1]);
          map.planes[0]?.forEach((concept, at) => {
            const theirs = expected[i * height * width + at];
            if (concept === (theirs === 255 ? NO_CONCEPT : theirs)) equal++;
          });
        }
        const share = equal / expected.length;
        if (process.env.GENSCOPE_PARITY)
          console.log(
            `${name} ${which}: ${expected.length - equal} of ${expected.length} pixels differ (${(100 * share).toFixed(4)} % equal)`,
          );
        expect(share).toBeGreaterThanOrEqual(0.999);
      },
    );
  },
);

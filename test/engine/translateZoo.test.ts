/** Every image-to-image model of the zoo takes pictures, and gives the same for the same. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describe as describeModel } from '../../src/engine/models/describe.ts';
import { Models } from '../../src/engine/models/models.ts';
import { translate } from '../../src/engine/translate/translate.ts';
import type { Translated } from '../../src/shared/protocol.ts';
import { ROOT } from './support/engine.ts';
import { SUMMER } from './support/translation.ts';

const ZOO = path.join(ROOT, 'test', 'fixtures', 'zoo');
const WAY = { inputs: [SUMMER], first: 0, count: 2, blur: 0, maxSide: 4096, encoding: 'rgba' } as const;

describe('image-to-image models of the zoo', () => {
  const zoo = JSON.parse(fs.readFileSync(path.join(ZOO, 'zoo.json'), 'utf8')) as {
    readonly variants: readonly { readonly id: string; readonly kind: string }[];
    readonly files: readonly { readonly file: string; readonly variant: string }[];
  };
  const kind = new Map(zoo.variants.map((variant) => [variant.id, variant.kind]));
  const files = zoo.files.filter(({ variant }) => kind.get(variant) === 'imageToImage');

  it('are all there', () => expect(files.length).toBeGreaterThan(15));

  it.each(files.map(({ file }) => file))('%s', async (file) => {
    const models = new Models({ threads: 1 });
    onTestFinished(() => models.releaseAll());
    const model = { path: path.join(ZOO, file) };
    const signal = new AbortController().signal;
    const described = await describeModel({ model, depth: 'full' }, { models, signal, report: () => {} });
    expect(described).toMatchObject({ kind: 'imageToImage', refusal: null });
    expect(described.layers?.length).toBeGreaterThan(5);
    const pixels = async () => {
      const rows: Translated[] = [];
      const params = { ...WAY, model };
      await translate(params, { models, signal, report: (row) => void rows.push(row) });
      return rows.map((row) => Buffer.from(row.frames.data));
    };
    const first = await pixels();
    await models.releaseAll();
    // Compared as wholes: a matcher takes seconds for a million bytes.
    const second = await pixels();
    expect(second.map((bytes, i) => bytes.equals(first[i] as Buffer))).toEqual([true, true]);
    expect(first[0]?.equals(first[1] as Buffer)).toBe(false);
    const { width, height } = described.image;
    expect(first[0]).toHaveLength(2 * width * height * 4);
    expect(new Set(first[0]?.subarray(width * height * 4)).size).toBeGreaterThan(4);
  });

  it('find out that a ResNet generator takes multiples of 4', async () => {
    const models = new Models({ threads: 1 });
    onTestFinished(() => models.releaseAll());
    const translator = await models.translator({
      path: path.join(ZOO, 'models/cyclegan-anysize.ts.op16.onnx'),
    });
    expect(translator.imageInput).toMatchObject({ size: null, multiple: 4 });
  });
});

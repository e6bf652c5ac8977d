/** Every file of the zoo: what it is recognised as, and, where it can be sampled, that a seed is one picture. */
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { describe as describeModel } from '../../src/engine/models/describe.ts';
import { Models } from '../../src/engine/models/models.ts';
import { samplePictures } from '../../src/engine/samples/sampling.ts';
import { ROOT, seeds } from './support/engine.ts';

const ZOO = path.join(ROOT, 'test', 'fixtures', 'zoo');

interface Zoo {
  readonly variants: readonly { readonly id: string; readonly kind: string }[];
  readonly files: readonly { readonly file: string; readonly variant: string }[];
}

const zoo = JSON.parse(fs.readFileSync(path.join(ZOO, 'zoo.json'), 'utf8')) as Zoo;
const kindOf = new Map(zoo.variants.map(({ id, kind }) => [id, kind]));

describe('the zoo', () => {
  let models: Models;
  beforeAll(() => {
    models = new Models({ threads: 1 });
  });

  it('is all there', () => {
    expect(zoo.files.length).toBeGreaterThan(100);
    for (const { file } of zoo.files) expect(fs.existsSync(path.join(ZOO, file))).toBe(true);
  });

  it.each(zoo.files.map(({ file, variant }) => [file, variant]))('%s', async (file, variant) => {
    onTestFinished(() => models.releaseAll());
    const signal = new AbortController().signal;
    const model = { path: path.join(ZOO, file) };
    const context = { models, signal, report: () => undefined };
    const described = await describeModel({ model, depth: 'full' }, context);
    expect(described.kind).toBe(kindOf.get(variant));
    if (described.kind === 'imageToImage') {
      // Translated in translate.test.ts.
      expect(described).toMatchObject({ refusal: null, latentSize: 0 });
      expect(described.imageInput).not.toBeNull();
      return;
    }
    if (described.kind !== 'generator') {
      expect(described.refusal).not.toBeNull();
      return;
    }
    expect(described.refusal).toBeNull();
    expect(described.layers?.length).toBeGreaterThan(0);
    const pixels = async () => {
      const generator = await models.generator(model);
      const parts: Uint8Array[] = [];
      for await (const { pictures } of samplePictures(generator, seeds(2), { signal }))
        parts.push(pictures.data);
      return Buffer.concat(parts);
    };
    const first = await pixels();
    await models.releaseAll();
    expect(await pixels()).toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(4);
  });
});

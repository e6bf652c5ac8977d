/** Segmenters as folders: what opens and what it answers, and one coded sentence for everything that does not. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { NO_CONCEPT } from '../../src/algorithms/dissection/labelMap.ts';
import { openSegmenter } from '../../src/engine/segmenter/segmenter.ts';
import { GenscopeError } from '../../src/shared/kernel/errors.ts';
import {
  BLUE,
  COLOURS,
  concepts,
  copyOf,
  DARK,
  GREEN,
  open,
  plain,
  RED,
  rewrite,
  SMALL,
} from './support/colours.ts';
import { FIXTURES, ROOT, temporaryFolder } from './support/engine.ts';

describe('a segmenter', () => {
  it('is described by its files', async () => {
    const { description, warnings, modelFile } = await open(path.join(SMALL, 'colours'));
    expect(description).toMatchObject({
      name: 'colours',
      concepts: COLOURS,
      categories: [],
      input: { width: 256, height: 256 },
    });
    expect(description.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(warnings).toEqual([]);
    expect(modelFile).toBe(path.join(SMALL, 'colours', 'model.onnx'));
  });

  it('has another hash when any of its three files is another', async () => {
    const original = (await open(path.join(SMALL, 'colours'))).description.sha256;
    const same = (await open(copyOf('colours', () => undefined))).description.sha256;
    expect(same).toBe(original);
    const others = [
      rewrite('config.json', (json) => ({ ...json, note: 1 })),
      rewrite('preprocessor_config.json', (json) => ({ ...json, note: 1 })),
      (folder: string) =>
        fs.copyFileSync(path.join(SMALL, 'fixed-size', 'model.onnx'), path.join(folder, 'model.onnx')),
    ];
    for (const change of others)
      expect((await open(copyOf('colours', change))).description.sha256).not.toBe(original);
  });

  it.each(['colours', 'external', 'half', 'false-batch', 'batch-of-three'])(
    '%s: each picture has its own concept, however many there are',
    async (name) => {
      const segmenter = await open(path.join(SMALL, name));
      expect(await concepts(segmenter, plain(9, 6, RED))).toEqual([0]);
      expect(await concepts(segmenter, plain(9, 6, GREEN, RED, DARK, BLUE, RED))).toEqual([1, 0, 3, 2, 0]);
      expect(await concepts(segmenter, plain(12, 5, BLUE, DARK))).toEqual([2, 3]);
      expect(segmenter.runMs).toBeGreaterThan(0);
    },
  );

  it('says so when it is used in half precision', async () => {
    const { warnings } = await open(path.join(SMALL, 'half'));
    expect(warnings).toEqual([expect.stringContaining('half precision')]);
  });

  it('with two kinds of labels gives one plane each, numbered one after the other', async () => {
    const segmenter = await open(path.join(SMALL, 'two-labels'));
    expect(segmenter.description.concepts).toEqual([...COLOURS, 'warm', 'cold']);
    expect(segmenter.description.categories).toEqual([...COLOURS.map(() => 'colour'), 'warmth', 'warmth']);
    const pictures = plain(4, 4, RED, BLUE, DARK);
    expect(await concepts(segmenter, pictures, 0)).toEqual([0, 2, 3]);
    expect(await concepts(segmenter, pictures, 1)).toEqual([4, 5, 4]);
  });

  it('with one class gives it where its logit is above 0', async () => {
    const segmenter = await open(path.join(SMALL, 'one-class'));
    expect(await concepts(segmenter, plain(4, 4, RED, BLUE))).toEqual([0, NO_CONCEPT]);
  });

  it('that cuts out the middle leaves the margin without a concept', async () => {
    const segmenter = await open(path.join(SMALL, 'cropped'));
    const [map] = await segmenter.segment(plain(16, 16, GREEN), [16, 16]);
    const rows = Array.from({ length: 16 }, (_, y) => [
      ...(map?.planes[0]?.subarray(y * 16, (y + 1) * 16) ?? []),
    ]);
    // 16 is resized to 8, of which 4 are cut out: pixels 4 … 11 of 16.
    for (const [y, row] of rows.entries())
      for (const [x, concept] of row.entries())
        expect(concept).toBe(y >= 4 && y < 12 && x >= 4 && x < 12 ? 1 : NO_CONCEPT);
  });

  it.each([
    [
      'label2id alone',
      (json: Record<string, unknown>) => ({
        ...json,
        id2label: undefined,
        label2id: { green: 1, red: 0, dark: 3, blue: 2 },
      }),
    ],
    ['a list', (json: Record<string, unknown>) => ({ ...json, id2label: COLOURS })],
  ])('takes its labels as %s', async (_what, edit) => {
    const { description } = await open(copyOf('colours', rewrite('config.json', edit)));
    expect(description.concepts).toEqual(COLOURS);
  });

  it.each([
    ['model_name: Colours of mine\nlicense: mit', 'Colours of mine'],
    ['license: mit\r\nmodel_name: "Colours: all"\r', 'Colours: all'],
    ['license: mit', 'colours'],
    [`model_name: ${'x'.repeat(200)}`, 'colours'],
  ])('is called as its card says, else as its folder: %j', async (head, name) => {
    const folder = copyOf('colours', (to) =>
      fs.writeFileSync(path.join(to, 'README.md'), `---\n${head}\n---\n\n# Card\n\nmodel_name: no\n`),
    );
    const { description } = await open(folder);
    expect(description.name).toBe(name === 'colours' ? path.basename(folder) : name);
  });

  it('in a cache of links is laid out as files, its weights with it', async () => {
    const folder = cached('external');
    const segmenter = await open(folder);
    expect(segmenter.description.name).toBe('org/external');
    expect(await concepts(segmenter, plain(4, 4, BLUE))).toEqual([2]);
    expect(fs.lstatSync(segmenter.modelFile).isSymbolicLink()).toBe(false);
    const blob = fs.realpathSync(path.join(folder, 'onnx', 'model.onnx_data'));
    expect(fs.statSync(path.join(path.dirname(segmenter.modelFile), 'model.onnx_data')).ino).toBe(
      fs.statSync(blob).ino,
    );
    const again = await open(folder);
    expect(again.modelFile).toBe(segmenter.modelFile);
    expect(again.description.sha256).toBe(segmenter.description.sha256);
  });

  it('in a cache of links without external weights is opened where it is', async () => {
    const folder = cached('colours');
    const segmenter = await open(folder);
    expect(segmenter.modelFile).toBe(path.join(folder, 'model.onnx'));
    expect(await concepts(segmenter, plain(4, 4, BLUE))).toEqual([2]);
  });
});

/** A folder as the hub's cache keeps it: snapshots of links to blobs. */
function cached(name: string): string {
  const repo = path.join(temporaryFolder(), `models--org--${name}`);
  const snapshot = path.join(repo, 'snapshots', '0'.repeat(40));
  fs.mkdirSync(path.join(repo, 'blobs'), { recursive: true });
  for (const [i, file] of (
    fs.readdirSync(path.join(SMALL, name), { recursive: true }) as string[]
  ).entries()) {
    if (fs.statSync(path.join(SMALL, name, file)).isDirectory()) continue;
    const link = path.join(snapshot, file);
    const blob = path.join(repo, 'blobs', `b10b${i}`);
    fs.mkdirSync(path.dirname(link), { recursive: true });
    fs.copyFileSync(path.join(SMALL, name, file), blob);
    fs.symlinkSync(path.relative(path.dirname(link), blob), link);
  }
  return snapshot;
}

const LFS = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n';
const remove = (file: string) => (folder: string) => fs.rmSync(path.join(folder, file));
const label = (edit: (json: Record<string, unknown>) => unknown) => rewrite('config.json', edit);
const prepare = (more: Record<string, unknown>) =>
  rewrite('preprocessor_config.json', (json) => ({ ...json, ...more }));

type Case = readonly [what: string, code: string, says: RegExp, folder: () => string];
const WRONG: readonly Case[] = [
  [
    'a folder that is not there',
    'segmenter.missing',
    /no folder/,
    () => path.join(temporaryFolder(), 'gone'),
  ],
  [
    'no config.json',
    'segmenter.missing',
    /has no config\.json/,
    () => copyOf('colours', remove('config.json')),
  ],
  [
    'no preprocessor_config.json',
    'segmenter.missing',
    /has no preprocessor_config\.json/,
    () => copyOf('colours', remove('preprocessor_config.json')),
  ],
  ['no model', 'segmenter.missing', /no ONNX model/, () => copyOf('colours', remove('model.onnx'))],
  [
    'a config that is no JSON',
    'segmenter.invalid',
    /no JSON/,
    () => copyOf('colours', (folder) => fs.writeFileSync(path.join(folder, 'config.json'), '{')),
  ],
  [
    'a config that is a Git LFS pointer',
    'segmenter.invalid',
    /LFS pointer/,
    () => copyOf('colours', (folder) => fs.writeFileSync(path.join(folder, 'config.json'), LFS)),
  ],
  [
    'a crop without height and width',
    'segmenter.invalid',
    /“crop_size”/,
    () => copyOf('colours', prepare({ do_center_crop: true, crop_size: { shortest_edge: 4 } })),
  ],
  [
    'no labels',
    'segmenter.invalid',
    /no “id2label”/,
    () =>
      copyOf(
        'colours',
        label(() => ({})),
      ),
  ],
  [
    'empty labels',
    'segmenter.invalid',
    /empty/,
    () =>
      copyOf(
        'colours',
        label(() => ({ id2label: {} })),
      ),
  ],
  [
    'a gap in the labels',
    'segmenter.invalid',
    /no name for class 1/,
    () =>
      copyOf(
        'colours',
        label(() => ({ id2label: { 0: 'a', 2: 'b' } })),
      ),
  ],
  [
    'more labels than channels',
    'segmenter.mismatch',
    /names 5 concepts, but model\.onnx tells 4 apart/,
    () =>
      copyOf(
        'colours',
        label(() => ({ id2label: [...COLOURS, 'more'] })),
      ),
  ],
  [
    'a category without an output',
    'segmenter.mismatch',
    /“size”/,
    () =>
      copyOf(
        'two-labels',
        label(() => ({ id2label: { size: ['large', 'small'] } })),
      ),
  ],
  [
    'a classifier',
    'segmenter.unsuitable',
    /classifies whole pictures/,
    () => path.join(SMALL, 'wrong-classifier'),
  ],
  ['no picture input', 'segmenter.unsuitable', /takes no picture/, () => path.join(SMALL, 'wrong-input')],
  [
    'a model of masks',
    'segmenter.unsuitable',
    /mask2former/,
    () =>
      copyOf(
        'colours',
        label((json) => ({ ...json, model_type: 'mask2former' })),
      ),
  ],
  [
    'a resampling that does not exist',
    'segmenter.invalid',
    /“resample”/,
    () => copyOf('colours', prepare({ resample: 9 })),
  ],
  [
    'a size that is none',
    'segmenter.invalid',
    /“size”/,
    () => copyOf('colours', prepare({ do_resize: true, size: 'large' })),
  ],
  [
    'two means for three channels',
    'segmenter.invalid',
    /“image_mean”/,
    () => copyOf('colours', prepare({ do_normalize: true, image_mean: [1, 2], image_std: 1 })),
  ],
  [
    'a Git LFS pointer',
    'model.lfsPointer',
    /pointer/,
    () => copyOf('colours', (folder) => fs.writeFileSync(path.join(folder, 'model.onnx'), LFS)),
  ],
  [
    'weights that are missing',
    'model.externalDataMissing',
    /not beside it/,
    () => copyOf('external', remove('onnx/model.onnx_data')),
  ],
  [
    'weights that are missing from a cache',
    'model.externalDataMissing',
    /not beside it/,
    () => {
      const folder = cached('external');
      fs.rmSync(path.join(folder, 'onnx', 'model.onnx_data'));
      return folder;
    },
  ],
  [
    'a generator',
    'segmenter.unsuitable',
    /with 16 channels/,
    () =>
      copyOf('colours', (folder) =>
        fs.copyFileSync(path.join(FIXTURES, 'dcgan.onnx'), path.join(folder, 'model.onnx')),
      ),
  ],
];

describe('what cannot be a segmenter', () => {
  it.each(WRONG)('%s: %s', async (_what, code, says, folder) => {
    const error = await openSegmenter(folder(), { threads: 1 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(GenscopeError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(says) });
    expect((error as GenscopeError).advice.length).toBeGreaterThan(10);
  });

  it('logits that are not numbers', async () => {
    const segmenter = await open(path.join(SMALL, 'wrong-nan'));
    const wrong = segmenter.segment(plain(4, 4, RED), [4, 4]);
    await expect(wrong).rejects.toMatchObject({
      code: 'segmenter.nonFinite',
      message: expect.stringContaining('100 %'),
    });
  });

  it('pictures of a size that the model does not take', async () => {
    const segmenter = await open(path.join(SMALL, 'fixed-size'));
    expect(await concepts(segmenter, plain(16, 16, GREEN))).toEqual([1]);
    const wrong = segmenter.segment(plain(20, 16, RED), [4, 4]);
    await expect(wrong).rejects.toMatchObject({
      code: 'segmenter.mismatch',
      message: expect.stringContaining('16×16'),
    });
  });
});

describe('the demo segmenter', () => {
  it('opens as any other, and its maps depend on nothing but the picture', async () => {
    const segmenter = await open(path.join(ROOT, 'media', 'demo', 'segmenter'));
    expect(segmenter.description.name).toBe('Demo segmenter');
    expect(segmenter.description.concepts).toHaveLength(13);
    expect(segmenter.description.input).toEqual({ width: 64, height: 64 });
    const pictures = plain(64, 64, [120, 180, 250], [60, 140, 60], [240, 240, 250]);
    const together = await segmenter.segment(pictures, [64, 64]);
    for (let i = 0; i < 3; i++) {
      const data = pictures.data.subarray(i * 64 * 64 * 4, (i + 1) * 64 * 64 * 4);
      const [alone] = await segmenter.segment({ ...pictures, count: 1, data }, [64, 64]);
      expect(alone?.planes).toEqual(together[i]?.planes);
    }
  });
});

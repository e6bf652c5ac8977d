/** References of every kind, and every bad one: said clearly, with nothing lost. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { features } from '../../src/engine/features/features.ts';
import { npyHeader } from '../../src/engine/files/npy.ts';
import { NpzArchive, type NpzValue, writeNpz } from '../../src/engine/files/npz.ts';
import { writeZip } from '../../src/engine/files/zipFile.ts';
import { describeReference } from '../../src/engine/scores/describeScoring.ts';
import { score } from '../../src/engine/scores/score.ts';
import type { ScoreSettings } from '../../src/shared/scores/scores.ts';
import { DEMO, temporaryFolder } from './support/engine.ts';
import {
  colours,
  context,
  EXTRACTOR,
  REFERENCE,
  settings,
  testModels,
  tinyExtractor,
} from './support/scoring.ts';

const at = (name: string) => path.join(temporaryFolder(), name);

function tiny(): string {
  return tinyExtractor(at('tiny.onnx'), { input: ['N', 3, 8, 8] });
}

/** FID of the demo's samples against a reference, with the demo extractor unless told otherwise. */
function scoreAgainst(reference: string, more: Partial<ScoreSettings> = {}) {
  const models = testModels();
  const wish = settings({ reference: { kind: 'path', path: reference }, referenceSamples: 0, ...more });
  return score({ model: { path: DEMO }, settings: wish, cache: null }, context(models));
}

function stats(size: number, more: Record<string, NpzValue> = {}): Record<string, NpzValue> {
  const sigma = new Float64Array(size * size);
  for (let i = 0; i < size; i++) sigma[i * size + i] = 1;
  return {
    mu: { shape: [size], values: new Float64Array(size) },
    sigma: { shape: [size, size], values: sigma },
    ...more,
  };
}

async function npz(arrays: Record<string, NpzValue>): Promise<string> {
  const file = at('reference.npz');
  await writeNpz(file, arrays);
  return file;
}

async function featuresOf(input: string, extractor: string, out = at('features.npz')) {
  const models = testModels();
  const params = {
    input: { kind: 'path', path: input, most: 0, seed: 0 },
    extractor: { path: extractor },
  } as const;
  return features({ ...params, cache: null, out }, context(models));
}

describe('pictures', () => {
  it('of a folder, read through; those that cannot be decoded are counted, named and left out', async () => {
    const folder = await colours(at('pictures'), 6);
    await colours(path.join(folder, 'more', 'of them'), 3);
    fs.writeFileSync(path.join(folder, '0001.png'), 'no picture');
    fs.writeFileSync(path.join(folder, 'notes.txt'), 'not looked at');
    fs.truncateSync(path.join(folder, 'more', 'of them', '0000.png'), 60);
    const result = await featuresOf(folder, tiny());
    expect(result.n).toBe(7);
    expect(result.input).toMatchObject({ kind: 'folder', count: 7 });
    expect(result.input.skipped.map(({ file }) => file)).toEqual(['0001.png', 'more/of them/0000.png']);
    expect(result.warnings).toEqual([
      expect.stringMatching(/^2 of the 9 pictures of pictures are left out: 0001\.png/),
    ]);
  });

  it('of a zip have the classes of StyleGAN’s dataset.json', async () => {
    const out = at('features.npz');
    const folder = await colours(at('pictures'), 3);
    const bytes = (name: string) => new Uint8Array(fs.readFileSync(path.join(folder, name)));
    const labels = {
      labels: [
        ['00/b.png', 4],
        ['00/a.png', 2],
        ['00/c.png', 0],
      ],
    };
    const zip = at('set.zip');
    await writeZip(zip, [
      { name: '00/b.png', bytes: bytes('0001.png') },
      { name: '00/a.png', bytes: bytes('0000.png') },
      { name: '00/c.png', bytes: bytes('0002.png') },
      { name: '__MACOSX/00/._a.png', bytes: new Uint8Array(4) },
      { name: 'dataset.json', bytes: new TextEncoder().encode(JSON.stringify(labels)) },
    ]);
    expect(await featuresOf(zip, tiny(), out)).toMatchObject({ n: 3, input: { kind: 'zip', skipped: [] } });
    const archive = await NpzArchive.open(out);
    expect([...(await archive.read('labels')).values]).toEqual([2, 4, 0]);
    // By name, not as they lie in the archive: a.png is (0, 0, 255).
    const first = [...(await archive.read('features')).values].slice(0, 3);
    expect(first.map((value) => Math.round((value + 1) * 127.5))).toEqual([0, 0, 255]);
    archive.close();
  });

  it('in a folder and in a zip give the same features', async () => {
    const folder = await colours(at('pictures'), 5);
    const zip = at('set.zip');
    const names = fs.readdirSync(folder);
    await writeZip(
      zip,
      names.map((name) => ({ name, bytes: new Uint8Array(fs.readFileSync(path.join(folder, name))) })),
    );
    const extractor = tiny();
    const read = async (input: string) => {
      const { file } = await featuresOf(input, extractor, at('f.npz'));
      return fs.readFileSync(file);
    };
    expect((await read(folder)).equals(await read(zip))).toBe(true);
  });

  it('of another size or aspect are said to be', async () => {
    const folder = await colours(at('pictures'), 30, 32);
    const { warnings } = await scoreAgainst(folder);
    expect(warnings).toContainEqual(expect.stringContaining('32×32, samples 64×64'));
  });
});

describe('arrays', () => {
  it('of statistics are enough for FID, and say how many there were only if they say it', async () => {
    const run = await scoreAgainst(await npz(stats(128)));
    expect(run.reference).toMatchObject({ kind: 'statistics', count: 0 });
    expect(run.scores[0]?.value).toBeGreaterThan(0);
  });

  it('written by features are read as a reference: the same score as from the pictures', async () => {
    const out = at('reference.npz');
    const models = testModels();
    const input = { kind: 'path', path: REFERENCE, most: 64, seed: 1 } as const;
    await features({ input, extractor: { path: EXTRACTOR }, cache: null, out }, context(models));
    const [a, b] = [await scoreAgainst(out), await scoreAgainst(REFERENCE, { referenceSamples: 64 })];
    expect(a.scores[0]?.value).toBeCloseTo(b.scores[0]?.value ?? 0, 9);
    expect(a.reference).toMatchObject({ kind: 'features', count: 64 });
  });

  it('of statistics alone refuse a score that needs features before any picture is made', async () => {
    const file = await npz(stats(128));
    await expect(scoreAgainst(file, { scores: ['kid'] })).rejects.toMatchObject({
      code: 'input.invalid',
      message: expect.stringContaining('only mean and covariance'),
    });
  });
});

it('describes each kind without running anything', async () => {
  const models = testModels();
  const describe = async (file: string) =>
    (await describeReference({ reference: { kind: 'path', path: file } }, context(models))).reference;
  expect(await describe(REFERENCE)).toMatchObject({
    ...{
      kind: 'zip',
      name: 'reference.zip',
      count: 2000,
      sha256: expect.stringMatching(/^f0468e0e913805ef/),
    },
  });
  expect(await describe(await npz(stats(4, { n: { shape: [], values: Int32Array.of(77) } })))).toMatchObject({
    ...{ kind: 'statistics', count: 77 },
  });
});

describe('bad input', () => {
  const floats = (shape: number[], fill = 0): NpzValue => ({
    shape,
    values: new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(fill),
  });
  const write = (name: string, content: string | Uint8Array) => {
    const file = at(name);
    fs.writeFileSync(file, content);
    return file;
  };
  it.each<[string, string, string, () => string | Promise<string>]>([
    ['nothing there', 'reference.missing', 'There is nothing at', () => at('gone')],
    ['an empty folder', 'reference.invalid', 'There are no pictures in', () => temporaryFolder()],
    ['a text', 'reference.invalid', 'is a .txt file', () => write('notes.txt', 'hm')],
    ['a zip that is none', 'input.invalid', 'cannot be read as a zip', () => write('set.zip', 'PK no')],
    [
      'a zip cut off',
      'input.invalid',
      'cannot be read as a zip',
      () => write('set.zip', fs.readFileSync(REFERENCE).subarray(0, 99_999)),
    ],
    ['an npz that is none', 'reference.invalid', 'cannot be read as a zip', () => write('s.npz', 'no')],
    [
      'an npz of other arrays',
      'reference.invalid',
      'neither mu and sigma nor features',
      () => npz({ x: floats([3]) }),
    ],
    [
      'sigma of another shape',
      'reference.invalid',
      'sigma in reference.npz is [128, 64]',
      () => npz({ ...stats(128), sigma: floats([128, 64]) }),
    ],
    [
      'statistics with NaN',
      'reference.invalid',
      'NaN',
      () => npz({ ...stats(128), mu: floats([128], Number.NaN) }),
    ],
    [
      'statistics of another extractor',
      'reference.mismatch',
      'features of 2048 numbers, but extractor gives 128',
      () => npz(stats(2048)),
    ],
    [
      'features with NaN',
      'reference.invalid',
      'row 0 of reference.npz: features',
      () => npz({ features: floats([9, 128], Number.NaN) }),
    ],
    ['features without rows', 'reference.invalid', 'is [0, 128]', () => npz({ features: floats([0, 128]) })],
    ['features of one axis', 'reference.invalid', 'is [128]', () => npz({ features: floats([128]) })],
    [
      'an npy cut off',
      'reference.invalid',
      'bytes long',
      () => write('f.npy', Buffer.concat([npyHeader('<f4', [9, 128]), new Uint8Array(100)])),
    ],
    [
      'features of another network of the same length',
      'reference.mismatch',
      'was made with the extractor other',
      () =>
        npz({
          features: floats([9, 128]),
          extractor: 'other',
          extractor_sha256: 'f'.repeat(64),
          resize: 'clean',
        }),
    ],
  ])('%s', async (_, code, says, make) => {
    await expect(scoreAgainst(await make())).rejects.toMatchObject({
      code,
      message: expect.stringContaining(says),
    });
  });

  it('pictures none of which can be read', async () => {
    const folder = temporaryFolder();
    fs.writeFileSync(path.join(folder, 'a.png'), 'no');
    await expect(scoreAgainst(folder)).rejects.toMatchObject({
      code: 'reference.invalid',
      message: expect.stringContaining('a.png'),
    });
  });

  it('one picture: FID says that it is too few, features that it has no covariance', async () => {
    const folder = await colours(at('one'), 1);
    await expect(scoreAgainst(folder)).rejects.toMatchObject({ code: 'input.invalid' });
    await expect(featuresOf(folder, tiny())).rejects.toMatchObject({ code: 'input.invalid' });
  });

  it('fewer samples than numbers in a row: a score with a warning, not an imaginary one', async () => {
    const run = await scoreAgainst(REFERENCE, { samples: 20, referenceSamples: 40 });
    const [fid] = run.scores;
    expect(Number.isFinite(fid?.value)).toBe(true);
    expect(fid?.warnings.length).toBeGreaterThan(0);
  });

  it('a place that cannot be written is refused before any work', async () => {
    const folder = await colours(at('pictures'), 2);
    await expect(featuresOf(folder, tiny(), path.join(at('gone'), 'f.npz'))).rejects.toMatchObject({
      code: 'output.notWritable',
    });
  });
});
